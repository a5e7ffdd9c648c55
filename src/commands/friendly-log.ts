import type { Log, LogFields } from '../core/log.ts'
import { describeSize } from '../core/size.ts'
import { countOf, oneLine } from './plain-text.ts'

/** Writes events as sentences for a person who watches; `debug` and what is said twice are left out. */
export function friendlyLog(write: (line: string) => void): Log {
  return {
    write(level, event, fields = {}) {
      const sentence = level === 'debug' ? undefined : sentenceOf(level, event, fields)
      if (sentence !== undefined) write(`${oneLine(sentence)}\n`)
    },
  }
}

function sentenceOf(level: string, event: string, fields: LogFields): string | undefined {
  switch (event) {
    case 'accepted':
      return acceptedSentence(fields)
    case 'test-accepted':
      return testSentence(fields)
    case 'delivery':
      return deliverySentence(fields)
    case 'alert-raised':
    case 'alert-renewed':
      return `${fields['severity']}: ${fields['sentence']}`
    case 'alert-cleared':
      return `Over: ${fields['sentence']}`
    case 'upstream-paused':
      // Its alert says the same in a sentence.
      return undefined
    case 'spool-recovered':
      return fields['openDeliveries'] === 0 ? undefined : `Goes on with ${openMail(fields)} from before`
    default:
      return `${level === 'info' ? '' : `${level}: `}${event.replaceAll('-', ' ')}${fieldWords(fields)}`
  }
}

const openMail = (fields: LogFields): string =>
  countOf(Number(fields['openDeliveries']), 'delivery', 'deliveries')

function acceptedSentence(fields: LogFields): string {
  const what = fields['subject'] ? `"${fields['subject']}"` : 'a mail'
  const size = typeof fields['size'] === 'number' ? ` (${describeSize(fields['size'])})` : ''
  const recipients = typeof fields['recipients'] === 'number' ? fields['recipients'] : 1
  const to = recipients > 1 ? ` to ${countOf(recipients, 'recipient', 'recipients')}` : ''
  return `${fields['device'] ?? 'A device'} sent ${what}${size}${to} → message ${fields['message'] ?? '?'}`
}

/** Mail to `test@NAME.local`: what arrived is the answer. */
function testSentence(fields: LogFields): string {
  const files = Array.isArray(fields['files']) && fields['files'].length > 0 ? fields['files'] : ['no file']
  const size = typeof fields['size'] === 'number' ? `, ${describeSize(fields['size'])}` : ''
  return `${fields['device'] ?? 'A device'} sent a test that stays here: ${files.join(', ')}${size}`
}

function deliverySentence(fields: LogFields): string {
  const who = fields['upstream'] === undefined ? '' : ` (${fields['upstream']})`
  return `Message ${fields['message'] ?? '?'} → ${fields['state']}: ${fields['reason'] ?? ''}${who}`
}

function fieldWords(fields: LogFields): string {
  const words = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name} ${value}`)
  return words.length === 0 ? '' : `: ${words.join(', ')}`
}
