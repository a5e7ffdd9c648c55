// A message as Exchange would read it out of the MIME: by Python's email package, which shares no code with the gateway.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as v from 'valibot'

const script = `
import sys, json, hashlib
from email import policy
from email.parser import BytesParser
octets = sys.stdin.buffer.read()
message = BytesParser(policy=policy.default).parsebytes(octets)
def people(name):
    return [address.addr_spec for field in message.get_all(name, []) for address in field.addresses]
def part(one):
    content = one.get_payload(decode=True) or b''
    return {'type': one.get_content_type(), 'name': one.get_filename(), 'size': len(content),
            'sha256': hashlib.sha256(content).hexdigest(),
            'text': content.decode(one.get_content_charset() or 'utf-8', 'replace') if one.get_content_maintype() == 'text' else None}
json.dump({'from': people('from'), 'to': people('to'), 'cc': people('cc'), 'bcc': people('bcc'),
           'subject': str(message['subject'] or ''),
           'headers': [[name, str(value)] for name, value in message.items()],
           'parts': [part(one) for one in message.walk() if not one.is_multipart()]}, sys.stdout)
`

const schema = v.object({
  from: v.array(v.string()),
  to: v.array(v.string()),
  cc: v.array(v.string()),
  bcc: v.array(v.string()),
  subject: v.string(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  parts: v.array(
    v.object({
      type: v.string(),
      name: v.nullable(v.string()),
      size: v.number(),
      sha256: v.string(),
      text: v.nullable(v.string()),
    }),
  ),
})

export type ReadMessage = v.InferOutput<typeof schema>

export async function readMessage(mime: Buffer): Promise<ReadMessage> {
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(mime)
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`python3 ended with ${code}`)
  return v.parse(schema, JSON.parse(Buffer.concat(pieces).toString()))
}

/** Strictly RFC 4648 section 4, without line ends; `undefined` for anything else. */
export function decodeStrictly(text: Buffer): Buffer | undefined {
  const letters = text.toString('latin1')
  if (letters.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(letters)) return undefined
  return Buffer.from(letters, 'base64')
}

export const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex')
