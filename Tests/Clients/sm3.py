"""SM3 (GB/T 32905-2016) in plain Python: hashlib has it only where OpenSSL was built with it."""

import struct

MASK = 0xFFFFFFFF
START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _rotated(word, count):
    count %= 32
    return (word << count | word >> (32 - count)) & MASK


def _compress(state, block):
    words = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ _rotated(words[j - 3], 15)
        permuted = mixed ^ _rotated(mixed, 15) ^ _rotated(mixed, 23)
        words.append(permuted ^ _rotated(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        constant = 0x79CC4519 if early else 0x7A879D8A
        ss1 = _rotated((_rotated(a, 12) + e + _rotated(constant, j)) & MASK, 7)
        ss2 = ss1 ^ _rotated(a, 12)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & g)
        tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) & MASK
        tt2 = (gg + h + ss1 + words[j]) & MASK
        a, b, c, d = tt1, a, _rotated(b, 9), c
        e, f, g, h = tt2 ^ _rotated(tt2, 9) ^ _rotated(tt2, 17), e, _rotated(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h)))


def hexdigest(data):
    """The 64 lower-case hexadecimal digits of `data`, which is bytes."""
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack(">Q", len(data) * 8)
    state = START
    for place in range(0, len(padded), 64):
        state = _compress(state, padded[place:place + 64])
    return "".join("%08x" % word for word in state)
