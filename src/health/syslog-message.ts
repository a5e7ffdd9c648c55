import type { Alert } from '../core/alerts.ts'
import type { Notice } from './notice.ts'
import { noticeLine } from './notice.ts'

export interface SyslogOrigin {
  readonly hostname: string
  readonly pid: number
}

/** RFC 5424 section 6.2.1: facility 2 is mail; severities 2 critical, 4 warning, 5 notice, 6 informational. */
const facility = 2
const severities: Readonly<Record<Alert['severity'], number>> = { alarm: 2, warning: 4, notice: 5 }
const informational = 6

/** RFC 5424 section 6: MSGID is what happened, the message begins with the key of the alert. */
export function syslogMessage({ hostname, pid }: SyslogOrigin, notice: Notice): Buffer {
  const { event, key, severity, remedy, at } = notice
  const level = event === 'over' || event === 'test' ? informational : severities[severity]
  const time = new Date(at).toISOString()
  const header = `<${facility * 8 + level}>1 ${time} ${printable(hostname, 255)} inkpost ${pid} ${event} -`
  const remark = remedy === '' ? '' : ` ${remedy}`
  const text = `${key}: ${noticeLine(notice)}${remark}`.replace(/\p{Cc}+/gu, ' ')
  // Section 6.4: UTF-8 begins with a BOM; what is ASCII is left as every receiver reads it.
  const mark = /^[\x20-\x7e]*$/.test(text) ? '' : '\uFEFF'
  return Buffer.from(`${header} ${mark}${text}`)
}

/** PRINTUSASCII, or the nil value. */
function printable(text: string, longest: number): string {
  const clean = text.replace(/[^\x21-\x7e]/g, '').slice(0, longest)
  return clean === '' ? '-' : clean
}

/** RFC 6587 section 3.4.1, RFC 5425 section 4.3: octet counting. */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message])

/** RFC 5426 section 3.2: receivers need not take more than 2048 octets; a character is not cut in two. */
export function datagram(message: Buffer): Buffer {
  if (message.length <= mostOctets) return message
  let end = mostOctets
  while (end > 0 && ((message[end] ?? 0) & 0xc0) === 0x80) end--
  return message.subarray(0, end)
}

const mostOctets = 2048
