import type { Library, Package } from './table.js'

/** File formats, compression and encryption. */
export const formats: readonly Package[] = [
  {
    name: 'papaparse',
    files: ['papaparse.min.js'],
    global: 'Papa',
    use: (Papa) => {
      const csv =
        'id;name;"price, net"\r\n1;"Tea ""green""";2,50\r\n# no\r\n2;"two\nlines";\r\n3;short\r\n'
      const steps: unknown[] = []
      Papa.parse('a,b\n1,2\n3,4', { step: ({ data }: { data: unknown }) => steps.push(data) })
      const rows = [
        { a: 1, b: 'x,y', c: null },
        { a: true, b: 'say "hi"', c: new Date(0) },
      ]
      return {
        rows: Papa.parse(csv, { skipEmptyLines: true, comments: '#' }),
        objects: Papa.parse(csv, { header: true, delimiter: ';', skipEmptyLines: 'greedy' }),
        typed: Papa.parse('n,b,d\n1.5,true,2024-01-01\n-2e3,FALSE,x', {
          header: true,
          dynamicTyping: true,
        }).data,
        guessed: ['a\tb\n1\t2', 'a|b\n1|2'].map((text) => Papa.parse(text).meta.delimiter),
        transformed: Papa.parse('A B\n x ', {
          header: true,
          transformHeader: (h: string) => h.toLowerCase(),
          transform: (v: string) => v.trim(),
        }).data,
        preview: Papa.parse('1\n2\n3', { preview: 2 }).data,
        steps,
        text: [
          Papa.unparse(rows),
          Papa.unparse(rows, { delimiter: ';', quotes: true, newline: '\n', columns: ['b', 'a'] }),
        ],
        safe: Papa.unparse([['=1+1', '-x']], { escapeFormulae: true }),
      }
    },
  },
  {
    name: 'js-yaml',
    files: ['dist/browser/js-yaml.umd.min.js'],
    global: 'jsyaml',
    use: ({ load, loadAll, dump }) => {
      const text = `
title: "A \\u263A"
defaults: &d { retries: 3, wait: 1.5e3, on: [a, 'b', ~] }
prod:
  own: *d
  hex: 0x1F
  folded: >-
    one
    two

    three
  literal: |
    x
      y
list:
- - nested
  - true
- ? complex
  : value
empty:
`
      let failure: unknown
      try {
        load('a: [1, 2\nb: 3')
      } catch (error) {
        failure = [
          (error as Library).name,
          (error as Library).reason,
          (error as Library).mark?.line,
        ]
      }
      const value = {
        b: [1, { c: 'multi\nline' }],
        a: '',
        'needs: quotes': 'yes',
        no: null,
        n: -0.5,
        deep: { x: [[]] },
      }
      return {
        parsed: load(text),
        documents: loadAll('--- 1\n--- {a: b}\n---\n- x'),
        dumped: [dump(value), dump(value, { sortKeys: true, indent: 4, flowLevel: 1 })],
        round: load(dump(value)),
        failure,
      }
    },
  },
  {
    name: 'json5',
    files: ['dist/index.min.js'],
    global: 'JSON5',
    use: (JSON5) => {
      const text = `// comment
{ unquoted: 'single \\
quoted', "d": +1., hex: 0xDECAF, lead: .5, inf: [-Infinity, NaN,], /* block */ \\u0061b: "\\x41\\v", }`
      const failures = ['{a:1', '[1,,2]', '{"a":tru}'].map((bad) => {
        try {
          return JSON5.parse(bad)
        } catch (error) {
          const { name, message, lineNumber, columnNumber } = error as Library
          return [name, message, lineNumber, columnNumber]
        }
      })
      return {
        parsed: JSON5.parse(text),
        revived: JSON5.parse('{a:1,b:{c:2}}', (_key: string, v: unknown) =>
          typeof v === 'number' ? v * 10 : v,
        ),
        text: JSON5.stringify({ a: 1, 'b-c': ["it's", Infinity], d: { toJSON5: () => 'own' } }),
        indented: JSON5.stringify({ a: [1, { b: null }], u: undefined }, null, 2),
        chosen: JSON5.stringify({ a: 1, b: 2 }, { replacer: ['b'], quote: '"', space: '\t' }),
        failures,
      }
    },
  },
  {
    name: 'fast-xml-parser',
    files: ['lib/fxp.min.js'],
    global: 'fxp',
    use: ({ XMLParser, XMLBuilder, XMLValidator }) => {
      const xml = `<?xml version="1.0"?><!DOCTYPE o [<!ENTITY co "ACME">]>
<order id="7" ns:kind="x &amp; y"><!-- c --><item n="1">Tea</item><item n="02">&lt;Cake&gt; &co;</item>
<note><![CDATA[a < b]]></note><empty/><price>12.50</price><ns:flag>true</ns:flag></order>`
      const options = {
        ignoreAttributes: false,
        attributeNamePrefix: '@',
        parseAttributeValue: true,
      }
      const full = {
        ...options,
        cdataPropName: '#cdata',
        commentPropName: '#comment',
        isArray: (name: string) => name === 'empty',
      }
      const build = (o: object) => new XMLBuilder({ ...options, format: true, ...o })
      return {
        plain: new XMLParser().parse(xml),
        full: new XMLParser(full).parse(xml),
        ordered: JSON.parse(
          JSON.stringify(new XMLParser({ preserveOrder: true, removeNSPrefix: true }).parse(xml)),
        ),
        built: build({}).build({
          a: { '@x': 1, b: ['<', 'two'], c: { '#text': 't', '@y': true }, d: '' },
        }),
        short: build({ suppressEmptyNode: true, indentBy: '\t' }).build({
          a: { b: '', c: [1, 2] },
        }),
        round: new XMLBuilder(options).build(new XMLParser(options).parse(xml)),
        valid: [
          XMLValidator.validate(xml),
          XMLValidator.validate('<a><b></a>'),
          XMLValidator.validate('<a x=1/>'),
        ],
      }
    },
  },
  {
    name: 'fflate',
    files: ['umd/index.js'],
    global: 'fflate',
    use: (fflate) => {
      const { strToU8, strFromU8 } = fflate
      // Without a TextEncoder, fflate gets characters beyond U+FFFF wrong.
      const text = Array.from({ length: 900 }, (_, i) => `żółw ${(i * i) % 97}`).join(', ')
      const data = strToU8(text)
      const gzipped = fflate.gzipSync(data, { level: 9, mtime: 0 })
      const zip = fflate.zipSync(
        {
          'a.txt': data,
          dir: { 'b.bin': new Uint8Array([1, 2, 3]) },
          'raw.txt': [data, { level: 0 }],
        },
        { mtime: new Date(1980, 0, 2) },
      )
      const chunks: number[] = []
      const stream = new fflate.Deflate({ level: 1 }, (chunk: Uint8Array) =>
        chunks.push(chunk.length),
      )
      stream.push(data.subarray(0, 1000))
      stream.push(data.subarray(1000), true)
      let message = ''
      try {
        fflate.gunzipSync(new Uint8Array([31, 139, 8, 0]))
      } catch (error) {
        message = (error as Error).message
      }
      return {
        gzipped,
        zlib: fflate.zlibSync(data, { level: 6 }),
        levels: [1, 3, 6, 9].map((level) => fflate.deflateSync(data, { level }).length),
        same: strFromU8(fflate.gunzipSync(gzipped)) === text,
        detected: strFromU8(fflate.decompressSync(fflate.zlibSync(data))) === text,
        zip: zip.length,
        unzipped: Object.entries(fflate.unzipSync(zip)).map(([name, bytes]) => [
          name,
          (bytes as Uint8Array).length,
        ]),
        chunks,
        message,
      }
    },
  },
  {
    name: 'lz-string',
    files: ['libs/lz-string.min.js'],
    global: 'LZString',
    use: (LZString) => {
      const texts = [
        '',
        'a',
        'hello hello hello',
        'żółw 🐢 '.repeat(50),
        JSON.stringify(Array.from({ length: 300 }, (_, i) => i * i)),
      ]
      const kinds = ['', 'ToBase64', 'ToUTF16', 'ToEncodedURIComponent', 'ToUint8Array']
      return {
        base64: texts.map((text) => LZString.compressToBase64(text)),
        uri: texts.map((text) => LZString.compressToEncodedURIComponent(text)),
        bytes: LZString.compressToUint8Array(texts[3]),
        lengths: kinds.map((kind) => texts.map((text) => LZString[`compress${kind}`](text).length)),
        same: kinds.map((kind) =>
          texts.map(
            (text) =>
              LZString[`decompress${kind.replace('To', 'From')}`](
                LZString[`compress${kind}`](text),
              ) === text,
          ),
        ),
        wrong: LZString.decompressFromBase64('####'),
      }
    },
  },
  {
    name: 'crypto-js',
    files: ['crypto-js.js'],
    global: 'CryptoJS',
    use: (CryptoJS) => {
      const { enc } = CryptoJS
      const key = enc.Hex.parse('000102030405060708090a0b0c0d0e0f')
      const iv = enc.Hex.parse('101112131415161718191a1b1c1d1e1f')
      const hashes = ['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA3', 'RIPEMD160']
      const ciphers = ['AES', 'TripleDES', 'RC4', 'Blowfish']
      const encrypted = ciphers.map((name) =>
        CryptoJS[name].encrypt('żółw, hello', key, { iv }).toString(),
      )
      const modes = ['CBC', 'CFB', 'CTR', 'OFB', 'ECB'].map((mode) =>
        CryptoJS.AES.encrypt('x'.repeat(20), key, {
          iv,
          mode: CryptoJS.mode[mode],
        }).ciphertext.toString(),
      )
      const progressive = CryptoJS.algo.SHA256.create()
      for (const part of ['a', 'b', 'c']) progressive.update(part)
      return {
        hashes: hashes.map((name) => CryptoJS[name]('The quick brown fox').toString()),
        macs: [
          CryptoJS.HmacMD5('m', 'k').toString(),
          CryptoJS.HmacSHA512('m', 'k').toString(enc.Base64),
        ],
        derived: CryptoJS.PBKDF2('secret', 'salt', { keySize: 8, iterations: 10 }).toString(),
        encrypted,
        decrypted: ciphers.map((name, i) =>
          CryptoJS[name].decrypt(encrypted[i], key, { iv }).toString(enc.Utf8),
        ),
        modes,
        encodings: [
          enc.Utf8.parse('hé').toString(enc.Base64),
          enc.Base64.parse('aMOp').toString(),
          enc.Latin1.stringify(key).length,
        ],
        progressive: progressive.finalize().toString(),
      }
    },
  },
]
