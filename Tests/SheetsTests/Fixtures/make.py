#!/usr/bin/env python3
"""make.py: makes the files beside it, which the tests read. Needs openpyxl, xlwt and XlsxWriter."""
import datetime, os, struct, zipfile

import openpyxl, xlsxwriter, xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import numbers

os.chdir(os.path.dirname(os.path.abspath(__file__)))
MOMENT = datetime.datetime(2024, 7, 9, 8, 5, 7)


def openpyxl_file():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = '十一月'
    sheet['A1'] = '2024 年 11 月通行账单'
    sheet.merge_cells('A1:D1')
    sheet.append(['姓名', '手机号', '日期', '金额'])
    rows = [
        ('张三', 13800138000, MOMENT, 23.5),
        ('李四', ' 138-0013-8001 ', MOMENT, 0.1 + 0.2),
        ('王五', '+86 139 0013 8002', MOMENT, 118),
        ('隐藏', 13800138099, MOMENT, 1),
        ('赵六', '13800138003/13800138004', MOMENT, 1234.5),
        ('错误', '#N/A', MOMENT, 1),
        ('重复', '\u202a13800138000\u202c', MOMENT, 1),
        ('全角', '１３８００１３８００５', MOMENT, 9),
        ('科学', '1.38E+10', MOMENT, 1),
        ('撇号', "'13800138006", MOMENT, 1),
        ('短号', '1380013', MOMENT, 1),
        ('富文本', CellRichText('138', TextBlock(InlineFont(b=True), '00138'), '007'), MOMENT, 1),
    ]
    for row in rows:
        sheet.append(row)
    for row in range(3, 15):
        sheet.cell(row, 3).number_format = 'yyyy"年"m"月"d"日"'
        sheet.cell(row, 4).number_format = '#,##0.00'
    sheet['B8'].data_type = 'e'
    sheet['A16'] = '制表人：会计'
    sheet.row_dimensions[6].hidden = True
    hidden = book.create_sheet('草稿')
    hidden['A1'] = 13800138000
    hidden.sheet_state = 'hidden'
    book.create_sheet('十月')['A1'] = '13900000000'
    book.save('openpyxl.xlsx')


def xlsxwriter_file():
    book = xlsxwriter.Workbook('xlsxwriter.xlsx', {'constant_memory': True})
    sheet = book.add_worksheet()
    date = book.add_format({'num_format': 14})
    time = book.add_format({'num_format': 'h:mm AM/PM'})
    sheet.write_row(0, 0, ['mobile', 'date', 'time', 'flag'])
    for row in range(1, 11):
        sheet.write_number(row, 0, 13900000000 + row)
        sheet.write_datetime(row, 1, MOMENT, date)
        sheet.write_datetime(row, 2, MOMENT, time)
        sheet.write_boolean(row, 3, row % 2 == 0)
    book.close()


def xlwt_file():
    book = xlwt.Workbook()
    hidden = book.add_sheet('草稿')
    hidden.write(0, 0, 13700000000)
    hidden.visibility = 1
    sheet = book.add_sheet('名单')
    date = xlwt.easyxf(num_format_str='YYYY-MM-DD')
    for column, text in enumerate(['姓名', '电话', '日期', '金额']):
        sheet.write(0, column, text)
    for row in range(1, 21):
        sheet.write(row, 0, f'客户{row}')
        if row % 2:
            sheet.write(row, 1, 13700000000 + row)
        else:
            sheet.write(row, 1, f'{13700000000 + row}')
        sheet.write(row, 2, MOMENT.date(), date)
        sheet.write(row, 3, row + 0.5)
    sheet.row(5).hidden = True
    book.save('xlwt.xls')

    book = xlwt.Workbook()
    book.add_sheet('far').write(65535, 255, 'x')
    book.save('iv65536.xls')
    # What a program with a password makes: the same container, with another stream.
    with open('xlwt.xls', 'rb') as file:
        data = bytearray(file.read())
    at = data.find('Workbook'.encode('utf-16-le'))
    name = 'EncryptedPackage'.encode('utf-16-le')
    data[at:at + 64] = name.ljust(64, b'\0')
    data[at + 64:at + 66] = struct.pack('<H', len(name) + 2)
    with open('password.xlsx', 'wb') as file:
        file.write(data)


TYPES = '''<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/></Types>'''
RELS = '''<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="xl/workbook.xml"/></Relationships>'''
BOOK = '''<?xml version="1.0"?><x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><x:sheets>
<x:sheet name="S1" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>'''
BOOK_RELS = '''<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/s1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
 Target="strings.xml"/></Relationships>'''
STRINGS = '''<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<si><t>电话</t></si><si><r><t>田</t></r><r><t>中</t></r><rPh sb="0" eb="1"><t>タナカ</t></rPh></si>
<si><t>a_x000D_b</t></si></sst>'''


def hand_made(name, sheet, strings=STRINGS):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as archive:
        for path, text in [('[Content_Types].xml', TYPES), ('_rels/.rels', RELS), ('xl/workbook.xml', BOOK),
                           ('xl/_rels/workbook.xml.rels', BOOK_RELS), ('xl/strings.xml', strings), ('xl/s1.xml', sheet)]:
            archive.writestr(path, text)


HEAD = '''<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<dimension ref="A1"/><sheetData>'''
TAIL = '</sheetData></worksheet>'


def hand_made_files():
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>名</t></is></c></row>'
    values = ['1.3800138E10', '13800138001.0', '1.3800138002E+10', '13800138003']
    for index, value in enumerate(values):
        rows += f'<row r="{index + 2}"><c r="A{index + 2}"><v>{value}</v></c><c r="B{index + 2}" t="s"><v>1</v></c></row>'
    # No references, a formula without a value, a string of a formula, an ISO date.
    rows += '<row><c><v>13800138004</v></c><c><f>A1</f></c><c t="str"><v>x&amp;y</v></c><c t="d"><v>2024-07-09T00:00:00</v></c><c t="s"><v>2</v></c></row>'
    hand_made('hand.xlsx', HEAD + rows + TAIL)
    hand_made('doctype.xlsx', '<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD[21:] + rows + TAIL)
    hand_made('bomb.xlsx', HEAD + ' ' * 20_000_000 + rows + TAIL)
    empty = ''.join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(7, 3000))
    hand_made('empty-rows.xlsx', HEAD + rows + empty + '<row r="1048576"><c r="A1048576"><v>13900000000</v></c></row>' + TAIL)
    with zipfile.ZipFile('ods.ods', 'w') as archive:
        archive.writestr('mimetype', 'application/vnd.oasis.opendocument.spreadsheet')


openpyxl_file()
xlsxwriter_file()
xlwt_file()
hand_made_files()
