import { commandQuirks, type Dialogue, orderQuirks } from './quirks.ts'

export interface RepairedCommand {
  /** Commands that SMTP would have had first; their replies are not said. */
  readonly before: readonly string[]
  /** What SMTP would say (RFC 5321 section 4.1), without line end. */
  readonly line: string
  /** The quirks' names for the transcript, in the order of their repair. */
  readonly quirks: readonly string[]
}

/** SMTP as it is written. Nearly every command: the table is not asked then. Lower case is SMTP too (RFC 5321 section 2.4). */
const plain =
  /^(?:(?:HELO|EHLO) [!-~]{1,255}|(?:MAIL FROM|RCPT TO):<(?:[^\s<>"@.]+(?:\.[^\s<>"@.]+)*@[^\s<>"@.]+(?:\.[^\s<>"@.]+)*)?>(?: SIZE=\d{1,20})?(?: BODY=(?:7BIT|8BITMIME))?|(?!HELO|EHLO|MAIL|RCPT)[A-Z]+(?: \S+)*)$/i
const verbForm = /^[A-Z]+/i

/**
 * The one place where a device's dialect becomes SMTP: from the command line that the device said to the line that SMTP
 * would say; undefined where that is the same. Adding a quirk is adding a row and a transcript. Lines of an AUTH exchange
 * and the octets of DATA never come here: what ends DATA is decided elsewhere and by nothing that is repaired.
 */
export function repairCommand(said: string, dialogue: Dialogue): RepairedCommand | undefined {
  const verb = (verbForm.exec(said)?.[0] ?? '').toUpperCase()
  const isInOrder = !orderQuirks.some((quirk) => quirk.isMet(verb, dialogue))
  return isInOrder && plain.test(said) ? undefined : repair(said, dialogue)
}

function repair(said: string, dialogue: Dialogue): RepairedCommand | undefined {
  let line = said
  const quirks: string[] = []
  for (const quirk of commandQuirks) {
    const mended = quirk.repair(line)
    if (mended !== line) quirks.push(quirk.name)
    line = mended
  }
  const verb = (verbForm.exec(line)?.[0] ?? '').toUpperCase()
  const out = orderQuirks.filter((quirk) => quirk.isMet(verb, dialogue))
  if (quirks.length + out.length === 0) return undefined
  return {
    before: out.map(({ before }) => before),
    line,
    quirks: [...quirks, ...out.map(({ name }) => name)],
  }
}
