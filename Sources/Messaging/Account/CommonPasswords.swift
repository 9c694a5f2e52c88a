/// Passwords and words that many people use, in small letters.
enum CommonPasswords {
    /// - Parameter text: in small letters.
    static func contains(_ text: String) -> Bool { all.contains(text) }

    private static let all = Set(list.split(whereSeparator: \.isWhitespace).map { String($0) })

    private static let list = """
        123456 12345678 123456789 1234567890 0123456789 12345678910 123456789a a123456789 1234567891 123123123
        1234554321 111111 11111111 1111111111 000000 00000000 0000000000 666666 66666666 888888 88888888 8888888888
        123321 654321 987654321 9876543210 0987654321 147258369 1472583690 123654789 159753 1597534682 789456123
        7894561230 520131400 5201314 52013141314 1314520 13145201314 5211314 1234qwer qwer1234 1q2w3e4r 1q2w3e4r5t
        1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 1qaz2wsx 1qaz2wsx3edc qazwsx qazwsxedc qazwsxedcrfv 1qazxsw2
        zaq12wsx zaq1xsw2 !qaz2wsx !qaz@wsx !qaz@wsx#edc qwerty qwertyui qwertyuiop qwertyuiop123 qwerty123 qwerty1234
        qwerty12345 qwerty123456 qweasdzxc qweasd qwe123456 asdfghjkl asdfgh asdf1234 asdfghjkl123 asdasdasd zxcvbnm
        zxcvbnm123 zxcvbn poiuytrewq lkjhgfdsa mnbvcxz abc123 abc123456 abcd1234 abc123456789 a1b2c3d4 a1b2c3d4e5
        abcdefghij abcdef abcdefg abcdefgh aa123456 aaa123456 a12345678 a123456 a1234567890 password passw0rd p@ssword
        p@ssw0rd p@ssw0rd123 passwd password1 password12 password123 password1234 password12345 password! pa55word
        pa$$word changeme changeme123 changeit changepassword default defaultpassword secret supersecret topsecret
        mysecret letmein letmeinnow welcome welcome1 welcome123 welcome2024 welcome2025 welcome2026 admin admin123
        admin1234 admin12345 admin123456 admin888 admin666 administrator adminadmin adminpassword admin@123 admin@1234
        admin@12345 root rootroot root123456 root@123456 toor rootpassword superuser superadmin sysadmin system
        system123 manager management operator operator123 guest guestguest user user123456 username useruser test
        test123 test1234 test123456 testtest testtest123 testpassword tester demo demo123456 demodemo demopassword
        demosecret example examplepassword sample samplepassword temp temp123456 temporary temppassword apikey
        apipassword apisecret appsecret appkey clientsecret interface interfacepassword smsapi smspassword sms sms123456
        smssms smsplatform smsgateway duanxin duanxin123 yanzhengma yizhan yizhanyizhan yizhan123 message messages
        platform gateway server service services database oracle mysql postgres postgresql mysqlroot redis redispassword
        tomcat tomcat123 jenkins nginx apache jboss weblogic spring springboot company company123 office internet
        network computer software hardware iloveyou iloveyou1 iloveyou2 iloveu iloveyou123 loveyou lovelove lover lovers
        mylove loveme woaini woaini1314 woaini520 woaini123 woaini521 woaiwojia woaizhongguo wodemima mima mima123456
        nihao nihao123 nihaoma caonima zhongguo zhonghua beijing shanghai shenzhen guangzhou hangzhou chongqing tianjin
        nanjing wuhan chengdu alibaba taobao tencent weixin huawei xiaomi baidu jingdong china chinamobile chinaunicom
        chinatelecom mobile unicom telecom zhangsan lisi wangwu wang1234 liuyang zhangwei wangfang wangwei lining
        xiaoming dragon tiger monkey monkey123 football baseball basketball soccer hockey superman superman123 batman
        spiderman ironman starwars pokemon princess princess1 sunshine sunshine1 shadow master master123 killer hunter
        hunter2 trustno1 whatever freedom freedom1 flower flowers summer summer2024 summer2025 winter winter2024
        spring2024 autumn october november december january february monday friday sunday sundays michael jordan
        jordan23 jennifer jessica ashley daniel thomas robert andrew charlie george michelle nicole hannah samantha
        elizabeth victoria alexander alexandra william benjamin matthew joshua anthony christopher jonathan nicholas
        donald maggie ginger pepper cookie chocolate banana orange cheese chicken coffee buster bailey tigger snoopy
        mickey minnie garfield hello hello123 hellohello helloworld helloworld123 goodluck goodbye lucky lucky888 happy
        happyday happy123 family forever forever21 angel angels heaven blessed blessing jesus christ godisgood faith
        google google123 facebook twitter youtube linkedin microsoft windows windows10 apple apple123 samsung nokia
        iphone android linux ubuntu debian centos redhat docker kubernetes github gitlab access access123 login login123
        enter entrance open opensesame unlock please please123 nothing something anything everything money dollar
        diamond silver golden purple yellow matrix mustang ferrari porsche mercedes toyota corvette harley yamaha
        arsenal chelsea liverpool barcelona realmadrid manchester juventus asshole fuckyou fuckyou123 fuckme bullshit
        zxc123456 zxcvbnm123456 asd123456 asd123456789 qwe123 qwe123456789 qq123456 qq123456789 qq1234567890 wo123456
        w123456789 z123456789 x123456789 s123456789 l123456789 zz123456 abc12345678 aaaaaaaaaa abababab abc abcabc
        1a2b3c4d 1a2b3c4d5e 110110110 119119119 120120120 112233 1122334455 11223344 12341234 123412341234 1234512345
        123456123456 121212 12121212 123123 456456456 789789789 147147147 258258258 369369369 0000011111 1111122222
        9999999999 5555555555 19491001 20080808
        """
}
