/// SM3 (GB/T 32905) for the languages whose libraries lack it.
enum SampleSM3 {
    static let go = """
        func sm3(text string) string {
        \tmessage := append([]byte(text), 0x80)
        \tfor len(message)%64 != 56 {
        \t\tmessage = append(message, 0)
        \t}
        \tmessage = binary.BigEndian.AppendUint64(message, uint64(len(text))*8)
        \trotl, h := bits.RotateLeft32, [8]uint32{0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
        \t\t0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e}
        \tfor ; len(message) > 0; message = message[64:] {
        \t\tvar w [68]uint32
        \t\tfor j := range w {
        \t\t\tif j < 16 {
        \t\t\t\tw[j] = binary.BigEndian.Uint32(message[4*j:])
        \t\t\t\tcontinue
        \t\t\t}
        \t\t\tx := w[j-16] ^ w[j-9] ^ rotl(w[j-3], 15)
        \t\t\tw[j] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j-13], 7) ^ w[j-6]
        \t\t}
        \t\ta := h
        \t\tfor j := 0; j < 64; j++ {
        \t\t\tt, f, g := uint32(0x79cc4519), a[0]^a[1]^a[2], a[4]^a[5]^a[6]
        \t\t\tif j >= 16 {
        \t\t\t\tt, f, g = 0x7a879d8a, a[0]&a[1]|a[0]&a[2]|a[1]&a[2], a[4]&a[5]|^a[4]&a[6]
        \t\t\t}
        \t\t\ts := rotl(rotl(a[0], 12)+a[4]+rotl(t, j), 7)
        \t\t\tx := f + a[3] + (s ^ rotl(a[0], 12)) + (w[j] ^ w[j+4])
        \t\t\ty := g + a[7] + s + w[j]
        \t\t\ta = [8]uint32{x, a[0], rotl(a[1], 9), a[2], y ^ rotl(y, 9) ^ rotl(y, 17), a[4], rotl(a[5], 19), a[6]}
        \t\t}
        \t\tfor i := range h {
        \t\t\th[i] ^= a[i]
        \t\t}
        \t}
        \tdigest := ""
        \tfor _, word := range h {
        \t\tdigest += fmt.Sprintf("%08x", word)
        \t}
        \treturn digest
        }

        """

    static let java = """
            static String sm3(String text) {
                var bytes = text.getBytes(UTF_8);
                var message = ByteBuffer.allocate((bytes.length + 72) / 64 * 64);
                message.put(bytes).put((byte) 0x80).putLong(message.capacity() - 8, bytes.length * 8L).rewind();
                int[] h = {
                    0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
                while (message.hasRemaining()) {
                    var w = new int[68];
                    for (int j = 0; j < 68; j++) {
                        if (j < 16) { w[j] = message.getInt(); continue; }
                        int x = w[j - 16] ^ w[j - 9] ^ rotl(w[j - 3], 15);
                        w[j] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j - 13], 7) ^ w[j - 6];
                    }
                    var a = h.clone();
                    for (int j = 0; j < 64; j++) {
                        boolean early = j < 16;
                        int f = early ? a[0] ^ a[1] ^ a[2] : a[0] & a[1] | a[0] & a[2] | a[1] & a[2];
                        int g = early ? a[4] ^ a[5] ^ a[6] : a[4] & a[5] | ~a[4] & a[6];
                        int s = rotl(rotl(a[0], 12) + a[4] + rotl(early ? 0x79cc4519 : 0x7a879d8a, j), 7);
                        int x = f + a[3] + (s ^ rotl(a[0], 12)) + (w[j] ^ w[j + 4]);
                        int y = g + a[7] + s + w[j];
                        int z = y ^ rotl(y, 9) ^ rotl(y, 17);
                        a = new int[] {x, a[0], rotl(a[1], 9), a[2], z, a[4], rotl(a[5], 19), a[6]};
                    }
                    for (int i = 0; i < 8; i++) h[i] ^= a[i];
                }
                var digest = new StringBuilder();
                for (int word : h) digest.append(String.format("%08x", word));
                return digest.toString();
            }

            static int rotl(int word, int places) { return Integer.rotateLeft(word, places); }

        """

    static let cSharp = """
            static string Sm3(string text)
            {
                var message = Encoding.UTF8.GetBytes(text).ToList();
                var bits = (ulong)message.Count * 8;
                message.Add(0x80);
                while (message.Count % 64 != 56) message.Add(0);
                for (int shift = 56; shift >= 0; shift -= 8) message.Add((byte)(bits >> shift));
                uint[] h = {
                    0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e };
                for (int start = 0; start < message.Count; start += 64)
                {
                    var w = new uint[68];
                    for (int j = 0; j < 68; j++)
                    {
                        if (j < 16)
                        {
                            for (int place = 0; place < 4; place++) w[j] = w[j] << 8 | message[start + 4 * j + place];
                            continue;
                        }
                        uint x = w[j - 16] ^ w[j - 9] ^ Rotl(w[j - 3], 15);
                        w[j] = x ^ Rotl(x, 15) ^ Rotl(x, 23) ^ Rotl(w[j - 13], 7) ^ w[j - 6];
                    }
                    var a = (uint[])h.Clone();
                    for (int j = 0; j < 64; j++)
                        unchecked
                        {
                            bool early = j < 16;
                            uint f = early ? a[0] ^ a[1] ^ a[2] : a[0] & a[1] | a[0] & a[2] | a[1] & a[2];
                            uint g = early ? a[4] ^ a[5] ^ a[6] : a[4] & a[5] | ~a[4] & a[6];
                            uint s = Rotl(Rotl(a[0], 12) + a[4] + Rotl(early ? 0x79cc4519u : 0x7a879d8au, j % 32), 7);
                            uint x = f + a[3] + (s ^ Rotl(a[0], 12)) + (w[j] ^ w[j + 4]);
                            uint y = g + a[7] + s + w[j];
                            uint z = y ^ Rotl(y, 9) ^ Rotl(y, 17);
                            a = new[] { x, a[0], Rotl(a[1], 9), a[2], z, a[4], Rotl(a[5], 19), a[6] };
                        }
                    for (int i = 0; i < 8; i++) h[i] ^= a[i];
                }
                return string.Concat(h.Select(word => word.ToString("x8")));
            }

            static uint Rotl(uint word, int places)
            {
                return places == 0 ? word : word << places | word >> (32 - places);
            }

        """

    static let swift = """
        func sm3(_ text: String) -> String {
            func rotl(_ word: UInt32, _ places: Int) -> UInt32 {
                word << UInt32(places) | word >> UInt32((32 - places) % 32)
            }
            var message = Array(text.utf8) + [0x80]
            while message.count % 64 != 56 { message.append(0) }
            withUnsafeBytes(of: UInt64(text.utf8.count * 8).bigEndian) { message += $0 }
            var h: [UInt32] = [
                0x7380_166f, 0x4914_b2b9, 0x1724_42d7, 0xda8a_0600, 0xa96f_30bc, 0x1631_38aa, 0xe38d_ee4d, 0xb0fb_0e4e,
            ]
            for start in stride(from: 0, to: message.count, by: 64) {
                var w = (0..<16).map { word in
                    (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[start + word * 4 + $1]) }
                }
                for j in 16..<68 {
                    let x = w[j - 16] ^ w[j - 9] ^ rotl(w[j - 3], 15)
                    w.append(x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j - 13], 7) ^ w[j - 6])
                }
                var a = h
                for j in 0..<64 {
                    let isEarly = j < 16
                    let f = isEarly ? a[0] ^ a[1] ^ a[2] : a[0] & a[1] | a[0] & a[2] | a[1] & a[2]
                    let g = isEarly ? a[4] ^ a[5] ^ a[6] : a[4] & a[5] | ~a[4] & a[6]
                    let t: UInt32 = isEarly ? 0x79cc_4519 : 0x7a87_9d8a
                    let s = rotl(rotl(a[0], 12) &+ a[4] &+ rotl(t, j % 32), 7)
                    let x = f &+ a[3] &+ (s ^ rotl(a[0], 12)) &+ (w[j] ^ w[j + 4])
                    let y = g &+ a[7] &+ s &+ w[j]
                    a = [x, a[0], rotl(a[1], 9), a[2], y ^ rotl(y, 9) ^ rotl(y, 17), a[4], rotl(a[5], 19), a[6]]
                }
                h = zip(h, a).map { $0 ^ $1 }
            }
            return h.map { String(format: "%08x", $0) }.joined()
        }

        """
}
