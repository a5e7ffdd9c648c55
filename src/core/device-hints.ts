import type { DeviceHints } from './device-view.ts'

interface HintRow extends DeviceHints {
  /** What the register of hardware addresses calls the maker, folded. */
  readonly known: readonly string[]
}

const row = (
  maker: string,
  known: readonly string[],
  hints: Partial<Omit<DeviceHints, 'maker'>>,
): HintRow => ({ maker, known, menus: [], limits: [], traps: [], ...hints })

/**
 * What is known of makers' panels, from their manuals and from what was seen on the wire (docs/devices.md). A maker of whom
 * nothing is known has no row: guessed menus would cost a technician more than none.
 */
const rows: readonly HintRow[] = [
  row('Epson', ['epson'], {
    limits: [
      'password: at most 20 printable ASCII characters',
      'sender address: none of : ( ) < > [ ] ; ¥, and no dot at its beginning',
      'server: a name or an IPv4 address',
    ],
    traps: ['It may ask for POP before SMTP: a pop3 listener serves that, or choose SMTP authentication.'],
  }),
  row('Xerox', ['xerox'], {
    menus: [
      'Authentication: PLAIN, LOGIN, CRAM-MD5 or auto (WorkCentre and Phaser 6015, 6505): take LOGIN or auto.',
    ],
    limits: ['user name: letters, digits and . - _ @', 'password: at most 31 characters'],
    traps: [
      'It divides large scans into several mails (message/partial) if that is on: switch it off.',
      'It may ask for POP before SMTP: choose SMTP authentication.',
    ],
  }),
  row('Fuji Xerox', ['fuji xerox', 'fujifilm business innovation', 'fujifilm bi'], {
    menus: ['Authentication: PLAIN and LOGIN only (C2260, 3070).'],
    traps: [
      'Older ones know no encryption (DocuCentre and ApeosPort IV): port 25, without SSL.',
      '"Split by Data Size" divides scans into several mails: switch it off.',
    ],
  }),
  row('Dell', ['dell'], {
    limits: [
      'password: at most 31 letters and digits (2335dn)',
      'server time-out: 30 to 120 s, take the longest',
    ],
    traps: ['An older iDRAC takes the server as an IP address only.'],
  }),
  row('Lenovo', ['lenovo'], {
    menus: ['Authentication of SMM: PLAIN, LOGIN, NTLM or MD5: take LOGIN.'],
    limits: ['recipient: at most 64 characters'],
  }),
  row('ASRock', ['asrock'], {
    menus: ['Authentication of its management controller: CRAM-MD5, LOGIN or PLAIN: take LOGIN.'],
    limits: [
      'user name: 4 to 64 characters, a letter first',
      'password: 4 to 64 characters, no blank',
      'server: as an IP address',
    ],
  }),
  row('Sharp', ['sharp'], {
    limits: ['password of a user record: at most 32 characters', 'address: at most 64'],
  }),
  row('HP', ['hewlett packard', 'hp inc', 'hewlett-packard'], {
    traps: [
      'It may start encrypted on port 25 or 587: the box takes that on every port.',
      'Old ones use STARTTLS although it is off in their menu: set tls to plain for the device.',
      'Its test only signs in and hangs up: that is no fault.',
    ],
  }),
  row('Canon', ['canon'], {
    menus: [
      'Which authentication is tried first is changed in service mode only; CRAM-MD5 is off here unless listed.',
    ],
    traps: [
      'Where STARTTLS is missing it sends in clear without a word.',
      'Internet fax divides a mail into its pages: the box does not put these together.',
      'It may ask for POP before SMTP: choose SMTP authentication.',
    ],
  }),
  row('Ricoh', ['ricoh', 'savin', 'gestetner', 'lanier'], {
    traps: [
      'From is the user who is signed in, not the device: the box writes the From of the device and keeps the other as Reply-To.',
      'Over 100 recipients it sends several mails.',
      'On a failure it mails an error notice through the same server.',
    ],
  }),
  row('Toshiba', ['toshiba'], {
    traps: ['It shows "sent" though the end of the mail never came: look whether the box says D1 or D2.'],
  }),
  row('Kyocera', ['kyocera'], {
    traps: ['It shows "sent" though the end of the mail never came: look whether the box says D1 or D2.'],
  }),
  row('Brother', ['brother'], {
    traps: [
      'It asks for a receipt with each mail: recipients are asked to confirm.',
      'It may ask for POP before SMTP: choose SMTP authentication.',
    ],
  }),
  row('Konica Minolta', ['konica', 'minolta'], {
    traps: ['It may ask for POP before SMTP: choose SMTP authentication.'],
  }),
  row('Lexmark', ['lexmark'], {
    menus: [
      'Fields for a Kerberos realm and an NTLM domain stay empty (MS617): authentication LOGIN or PLAIN.',
    ],
  }),
  row('APC', ['american power conversion', 'schneider electric'], {
    menus: ['SSL: never, if supported, always (STARTTLS) or implicit (AP44xx): take "if supported".'],
  }),
  row('Siemens', ['siemens'], {
    traps: [
      'TM_MAIL speaks on port 25 only, and an S7-1200 before firmware 4.4 knows no encryption.',
      'A subject over 62 characters is cut.',
    ],
  }),
  row('HPE iLO', ['hewlett packard enterprise'], {
    traps: ['Its sender may end in a dot: the box takes that away.'],
  }),
]

/** By the maker as the register says it: `RICOH COMPANY,LTD.`; undefined where nothing is known. The longest match wins. */
export function hintsFor(maker: string): DeviceHints | undefined {
  const folded = maker.toLowerCase()
  const [best] = rows
    .flatMap(({ known, ...hints }) =>
      known.filter((name) => folded.includes(name)).map((name) => ({ name, hints })),
    )
    .toSorted((a, b) => b.name.length - a.name.length)
  return best?.hints
}
