// A scan as a multifunction printer mails it: a short text and one large PDF with a name in its own language.
import { createHash, randomBytes } from 'node:crypto'

export interface Scan {
  readonly content: Buffer
  /** Of the attachment's octets, hexadecimal. */
  readonly sha256: string
}

export function scanMessage(wish: {
  readonly octets: number
  readonly fileName: string
  readonly subject?: string
}): Scan {
  const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(wish.octets - 9)])
  const name = `=?utf-8?B?${Buffer.from(wish.fileName).toString('base64')}?=`
  const head = [
    'From: "Scanner 3. OG" <scanner@contoso.com>',
    'To: anna@contoso.com',
    `Subject: ${wish.subject ?? 'Scan'}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="scan-boundary"',
    '',
    '--scan-boundary',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gescannt f=FCr M=FCller.',
    '--scan-boundary',
    `Content-Type: application/pdf; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${name}"`,
    '',
  ].join('\r\n')
  const body = pdf.toString('base64').replace(/.{76}/g, '$&\r\n')
  const content = Buffer.from(`${head}\r\n${body}\r\n--scan-boundary--\r\n`, 'latin1')
  return { content, sha256: createHash('sha256').update(pdf).digest('hex') }
}
