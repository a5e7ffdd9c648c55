/**
 * How a value from the setup enters a script: only through these. A value that was not quoted would be a command of
 * whoever may write the setup, run with the rights of an Azure administrator.
 */

/**
 * One word of bash (POSIX 2.2.2): nothing has a meaning between single quotes but the single quote itself. Throws for
 * NUL, which no word can hold.
 */
export function shellQuoted(text: string): string {
  if (text.includes('\0')) throw new Error('a shell word can not hold NUL')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * One expandable-free string of PowerShell (about_Quoting_Rules). Its tokenizer takes U+2018 to U+201B for single
 * quotes as well; any of them twice is itself. Throws for line breaks: a line may end the document around it.
 */
export function powershellQuoted(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new Error('a line of PowerShell can not hold line breaks or NUL')
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`
}

/** A here-document that is written out as it is: the quoted delimiter switches every expansion off. */
export function hereDocument(text: string, delimiter: string): string {
  if (text.split('\n').includes(delimiter)) throw new Error(`the text holds the line ${delimiter}`)
  return `<<'${delimiter}'\n${text.replace(/\n?$/, '\n')}${delimiter}`
}

/** An address within a recipient filter of Exchange (OPATH): a quote in it is written twice. */
export const recipientFilter = (addresses: readonly string[]): string =>
  addresses.map((address) => `PrimarySmtpAddress -eq '${address.replaceAll("'", "''")}'`).join(' -or ')
