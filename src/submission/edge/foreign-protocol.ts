/** Other protocols by the beginning of a line, so that a technician sees what was pointed at the wrong port. */
const protocols: readonly (readonly [RegExp, string])[] = [
  [/^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) .*HTTP\/|^PRI \* HTTP\//i, 'HTTP'],
  [/^(?:OPTIONS|REGISTER|INVITE) sips?:/i, 'SIP'],
  [/^(?:OPTIONS|DESCRIBE|SETUP) .*RTSP\//i, 'RTSP'],
  [/^SSH-\d/, 'SSH'],
  [/%-12345X|@PJL/, 'a print job (PJL)'],
  [/^%!PS/, 'a print job (PostScript)'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 1179 begins a command with an octet of 1 to 5.
  [/^[\x01-\x05]\S+/, 'a print job (LPD)'],
  [/^\S+ (?:CAPABILITY|LOGIN|AUTHENTICATE|LOGOUT)\b/i, 'IMAP'],
  [/^(?:USER|PASS|CAPA|STLS|APOP|STAT|RETR|UIDL)\b/i, 'POP3 or FTP'],
  [/^LHLO\b/i, 'LMTP'],
]

/** The name of the protocol that a line belongs to, none of its words; undefined where it is not recognised. */
export const foreignProtocol = (line: string): string | undefined =>
  protocols.find(([beginning]) => beginning.test(line))?.[1]
