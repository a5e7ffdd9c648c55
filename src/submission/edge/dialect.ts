/** What may decide how a device's words are understood. */
export interface DialectContext {
  /** The device's name, as far as it is known at this point. */
  readonly device: string | undefined
}

export interface RepairedCommand {
  /** What SMTP would say (RFC 5321 section 4.1), without line end. */
  readonly line: string
  /** The repair's name for the transcript; undefined where nothing was repaired. */
  readonly repair: string | undefined
}

/**
 * The one place where a device's dialect becomes SMTP: a function from the command line that the device said to the
 * line that SMTP would say. Every quirk is a row (what it says, what SMTP says, who does it) and a transcript. Lines of
 * an AUTH exchange and the octets of DATA never come here.
 */
export function repairCommand(line: string, _context: DialectContext): RepairedCommand {
  return { line, repair: undefined }
}
