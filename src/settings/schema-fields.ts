import * as v from 'valibot'
import { type Address, parseAddress } from '../core/address.ts'
import { extractCertificates, extractKeyPair, hasKey, isPem, type PemExtract } from '../core/pem.ts'
import { formatSize, parseSize } from '../core/size.ts'
import { formatDuration, parseDuration } from '../core/time.ts'
import { parseTimeWindow } from '../core/time-window.ts'

/**
 * Kinds of values in the setup document. Each checks, folds to the one canonical spelling (`"120h"` is `"5d"`) and says
 * what is wrong as the end of a sentence that begins with the place.
 */

/** The value as a person wrote it, short enough for one line. Never used for secrets. */
const quoted = (input: unknown): string => JSON.stringify(input).slice(0, 60)

const mustBeText = 'must be text in quotes'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const withoutControls = /^[^\u0000-\u001f\u007f]*$/

/** One line of text of 0 to `longest` characters. */
export const line = (longest = 255) =>
  v.pipe(
    v.string(mustBeText),
    v.maxLength(longest, `is longer than ${longest} characters`),
    v.regex(withoutControls, 'has line breaks or control characters'),
    v.check((text) => text.isWellFormed(), 'is no well-formed text'),
  )

/** Longer than any chain of certificates; two of them fit into what a page may send (`usualBody`). */
const longestPem = 30_000

/** A file's name, or the PEM text itself, of which `problemOf` says what is wrong. */
const orPem = (problemOf: (pem: string) => string | undefined) => {
  const wrong = (text: string): string | undefined => {
    if (isPem(text)) return problemOf(text)
    if (text.length > 1024) return 'is longer than 1024 characters'
    return withoutControls.test(text) ? undefined : 'has line breaks or control characters'
  }
  return v.pipe(
    v.string(mustBeText),
    v.maxLength(longestPem, `is longer than ${longestPem} characters`),
    v.check((text) => text.isWellFormed(), 'is no well-formed text'),
    v.check(
      (text) => wrong(text) === undefined,
      ({ input }) => wrong(input) ?? '',
    ),
  )
}

const problemIn = (found: PemExtract): string | undefined =>
  found.kind === 'refused' ? found.reason : undefined

/** Whom to trust: a file, or certificates in PEM. */
export const authorities = orPem((pem) =>
  hasKey(pem)
    ? 'holds a private key, which is not to be handed over with it: the certificates alone'
    : problemIn(extractCertificates(pem)),
)

/** A key and its chain: a file, or both in PEM, which is a secret then. */
export const keyPair = orPem((pem) => problemIn(extractKeyPair(pem)))

/** A name that people read and type: 1 to 64 characters, no blanks around it. */
export const name = v.pipe(
  line(64),
  v.check((text) => text.length > 0, 'must not be empty'),
  v.check((text) => text.trim() === text, 'has blanks around it'),
)

/** A secret, or `(kept)`. Its problems never repeat it. */
export const secret = v.pipe(
  line(1024),
  v.check((text) => text.length > 0, 'must not be empty'),
)

/** Marks a secret that stays as it is. */
export const kept = '(kept)'

export const flag = v.boolean('must be true or false')

export const whole = (least: number, most: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.check((n) => n >= least && n <= most, `must be ${least} to ${most}`),
  )

export const amount = v.pipe(
  v.number('must be a number'),
  v.check((n) => Number.isFinite(n) && n >= 0, 'must not be negative'),
)

export const choice = <const Options extends readonly string[]>(...options: Options) =>
  v.picklist(options, (issue) => `${quoted(issue.input)} is none of ${options.join(', ')}`)

/** `"90s"`, `"15m"`, `"4h"`, `"5d"` of at least a second, in the largest whole unit. */
export const duration = v.pipe(
  v.string('must be a duration in quotes such as "90s", "15m", "4h" or "5d"'),
  v.check(
    (text) => (parseDuration(text) ?? 0) > 0,
    (issue) => `${quoted(issue.input)} is no duration such as "90s", "15m", "4h" or "5d"`,
  ),
  v.transform((text) => formatDuration(parseDuration(text) ?? 0)),
)

/** `"02:00-04:00"`: from a time of the day to another, which may be of the next day. */
export const timeWindow = v.pipe(
  v.string('must be times in quotes such as "02:00-04:00"'),
  v.check(
    (text) => parseTimeWindow(text) !== undefined,
    (issue) => `${quoted(issue.input)} is no window such as "02:00-04:00"`,
  ),
)

/** `"35MB"`, decimal, at least one octet. */
export const size = v.pipe(
  v.string('must be a size in quotes such as "35MB"'),
  v.check(
    (text) => (parseSize(text) ?? 0) > 0,
    (issue) => `${quoted(issue.input)} is no size such as "500KB" or "35MB"`,
  ),
  v.transform((text) => formatSize(parseSize(text) ?? 0)),
)

export const isIpAddress = (text: string): boolean => v.IPV4_REGEX.test(text) || v.IPV6_REGEX.test(text)

/** `::ffff:10.0.0.1` is 10.0.0.1 to everything that compares addresses; one spelling keeps blocks honest. */
const isMapped = (text: string): boolean => text.startsWith('::ffff:')
const writeAsIpv4 = 'is an IPv4 address in IPv6 spelling; write it as IPv4'

const isBlock = (text: string): boolean => {
  const match = /^(.+)\/(\d{1,3})$/.exec(text)
  const address = match?.[1] ?? ''
  return isIpAddress(address) && Number(match?.[2]) <= (address.includes(':') ? 128 : 32)
}

export const ipAddress = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(isIpAddress, (issue) => `${quoted(issue.input)} is no IP address`),
  v.check((text) => !isMapped(text), writeAsIpv4),
)

/** An address, a CIDR block, or `attached`. */
export const network = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(
    (text) => text === 'attached' || isIpAddress(text) || isBlock(text),
    (issue) => `${quoted(issue.input)} is no IP address, no block such as 10.0.0.0/8 and not "attached"`,
  ),
  v.check((text) => !isMapped(text), writeAsIpv4),
)

const orWhole = (text: string): Address => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error('checked before')
  return address
}

/** An address of this box with the length of its network's prefix. */
export const ownAddress = (family: 4 | 6) =>
  v.pipe(
    v.string(mustBeText),
    v.transform((text) => text.toLowerCase()),
    v.check(
      (text) => text === '' || (isBlock(text) && text.includes(':') === (family === 6)),
      (issue) =>
        `${quoted(issue.input)} is no IPv${family} address with its network, such as ${family === 4 ? '192.168.7.5/24' : 'fd00:7::5/64'}`,
    ),
  )

/** Empty, or an IP address of the family. */
export const addressOf = (family: 4 | 6) =>
  v.pipe(
    v.string(mustBeText),
    v.transform((text) => text.toLowerCase()),
    v.check(
      (text) => text === '' || (isIpAddress(text) && text.includes(':') === (family === 6)),
      (issue) => `${quoted(issue.input)} is no IPv${family} address`,
    ),
  )

/** A network's name as it is sent (IEEE 802.11 section 9.4.2.2). */
export const ssid = v.pipe(
  line(32),
  v.check((text) => text.length > 0, 'must not be empty'),
  v.check((text) => new TextEncoder().encode(text).length <= 32, 'is longer than 32 octets'),
)

/** What WPA2 and WPA3 take (IEEE 802.11 annex J.4), or `(kept)`. Its problems never repeat it. */
export const passphrase = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) => text === kept || /^[\u0020-\u007e]{8,63}$/.test(text),
    'must be 8 to 63 characters of ASCII',
  ),
)

export const country = v.pipe(
  v.string(mustBeText),
  v.regex(/^[A-Z]{2}$/, 'must be a country of two capitals such as "DE"'),
)

/** `local@domain`, the domain in lower case. */
export const mailAddress = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) => parseAddress(text) !== undefined,
    (issue) => `${quoted(issue.input)} is no mail address`,
  ),
  v.transform(orWhole),
)

/** A whole address, `*@domain`, or `*`. */
export const addressPattern = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) =>
      text === '*' || parseAddress(text.startsWith('*@') ? `any${text.slice(1)}` : text) !== undefined,
    (issue) => `${quoted(issue.input)} is no mail address and no pattern such as "*@contoso.com"`,
  ),
)

const domainPattern = /^(?=.{1,253}$)[^\s<>()[\]\\,;:@"./]+(?:\.[^\s<>()[\]\\,;:@"./]+)*$/

export const domain = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(
    (text) => domainPattern.test(text) && !isIpAddress(text),
    (issue) => `${quoted(issue.input)} is no domain name`,
  ),
)

/** A host as name or address, without port. */
export const host = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(
    (text) => domainPattern.test(text) || isIpAddress(text),
    (issue) => `${quoted(issue.input)} is no host name`,
  ),
)

/** A DNS label: what `NAME.local` is made of. */
export const label = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 characters of a-z 0-9 and - inside'),
)

/** Devices' sign-in names: panels of printers end at 15 characters. */
export const username = v.pipe(
  v.string(mustBeText),
  v.regex(
    /^[a-z0-9._-]{1,15}$/,
    'must be 1 to 15 characters of a-z 0-9 . _ - (a longer login goes to also_known_as)',
  ),
)

/** What an alias is called: the local part that a device sends to. */
export const aliasName = v.pipe(
  v.string(mustBeText),
  v.regex(
    /^[^\s<>()[\]\\,;:@"]{1,64}$/,
    'must be 1 to 64 characters without blanks, @ and < > ( ) [ ] \\ , ; : "',
  ),
)

export const login = v.pipe(
  line(255),
  v.check((text) => text.length > 0, 'must not be empty'),
)

const isUrl = (text: string, scheme: RegExp): boolean => scheme.test(text) && URL.canParse(text)

/** An https URL without user name, query and trailing slash. */
export const httpsUrl = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) => isUrl(text, /^https:\/\/[^\s@?#]+$/i),
    (issue) => `${quoted(issue.input)} is no address that starts with https://`,
  ),
  v.transform((text) => text.replace(/\/+$/, '')),
)

/**
 * The address of an Azure storage queue; whether it names one is for the rules to judge. Its signature (SAS) is refused
 * without being repeated: it is a secret, and the way out's own credential opens the queue.
 */
export const queueUrl = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) => !text.includes('?'),
    'must stand without its signature, the part behind "?": the box opens the queue with the credential of this upstream',
  ),
  httpsUrl,
)

/** Empty, or where alerts are posted; services write their key into path or query. http:// is for the rules to judge. */
export const webhookUrl = v.pipe(
  line(2048),
  v.check(
    (text) => text === '' || isUrl(text, /^https?:\/\/[^\s@#]+$/i),
    'is no address that starts with https://',
  ),
)

export const optionalHttpsUrl = v.union([v.literal(''), httpsUrl], 'is no address that starts with https://')

/** Empty, a folder at an HTTPS server, or one on a share; whether it is a share is for the rules to judge. */
export const fleetUrl = v.union(
  [
    v.literal(''),
    httpsUrl,
    v.pipe(
      line(1024),
      v.regex(/^(\/\/|\\\\)/),
      v.transform((text) => text.replaceAll('\\', '/')),
    ),
  ],
  'is neither an address that starts with https:// nor a share such as "//nas/fleet/inkpost"',
)

/** By whom a bundle is signed. */
export const publicKey = v.pipe(
  v.string(mustBeText),
  v.regex(/^ed25519:[A-Za-z0-9_-]{43}$/, 'is no public key as `inkpost fleet keys` prints it'),
)

/** Where the console of another box is: a host, with a port where it is not 443. */
export const consoleAddress = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(
    (text) => /^[^\s/@?#]{1,260}$/.test(text) && URL.canParse(`https://${text}`),
    (issue) => `${quoted(issue.input)} is no host such as "10.0.7.5" or "branch-07.contoso.com:8443"`,
  ),
)

/** SHA-256 of a box's own authority, as `inkpost claim` shows it. */
export const fingerprint = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toUpperCase()),
  v.regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/, 'is no SHA-256 fingerprint such as "AB:CD:…" of 32 pairs'),
)

/** Empty, or a proxy as http://host:port. Not with a user name: the document keeps secrets only where the vault has them. */
export const proxyUrl = v.pipe(
  v.string(mustBeText),
  v.check(
    (text) => text === '' || isUrl(text, /^https?:\/\/[^\s@?#]+$/i),
    'is no address such as http://proxy:3128',
  ),
)

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text)

/** Empty, or a day of the calendar. */
export const date = v.pipe(
  v.string('must be a date in quotes such as "2028-05-01"'),
  v.check(
    (text) => text === '' || isDate(text),
    (issue) => `${quoted(issue.input)} is no date such as "2028-05-01"`,
  ),
)

export const macAddress = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase().replaceAll('-', ':')),
  v.check(
    (text) => text === '' || /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text),
    (issue) => `${quoted(issue.input)} is no hardware address such as 00:11:22:33:44:55`,
  ),
)

/** `"1/50"`: the first of fifty equal parts. */
export const share = v.pipe(
  v.string('must be a share in quotes such as "1/50"'),
  v.check(
    (text) => {
      const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text)
      const [part, whole] = [Number(match?.[1]), Number(match?.[2])]
      return part >= 1 && part <= whole
    },
    (issue) => `${quoted(issue.input)} is no share such as "1/50"`,
  ),
)

const isKnownTo = (make: () => unknown): boolean => {
  try {
    make()
    return true
  } catch {
    return false
  }
}

export const timezone = v.pipe(
  v.string(mustBeText),
  v.check(
    // Time zones live in ICU: the first one that is asked for brings 5 MB of it into memory.
    (text) => text === 'UTC' || isKnownTo(() => new Intl.DateTimeFormat('en', { timeZone: text })),
    (issue) => `${quoted(issue.input)} is no time zone such as "Europe/Berlin"`,
  ),
)

export const charset = v.pipe(
  v.string(mustBeText),
  v.transform((text) => text.toLowerCase()),
  v.check(
    (text) => isKnownTo(() => new TextDecoder(text)),
    (issue) => `${quoted(issue.input)} is no character set such as "utf-8" or "windows-1252"`,
  ),
)

export const language = v.pipe(
  v.string(mustBeText),
  v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as "en"'),
)

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url, or `(kept)`. The bounds keep a sign-in below 128 MB. */
export const passwordHash = v.pipe(
  v.string(mustBeText),
  v.check((text) => text === kept || isScryptHash(text), 'is no scrypt$N$r$p$salt$hash'),
)

function isScryptHash(text: string): boolean {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$[\w-]{16,128}\$[\w-]{22,128}$/.exec(text)
  const [n, r, p] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  const isPowerOfTwo = n >= 1024 && (n & (n - 1)) === 0
  return isPowerOfTwo && r >= 1 && p >= 1 && p <= 16 && 128 * n * r <= 128 * 1024 * 1024
}

/** A list without repeats. */
export const listOf = <Schema extends v.GenericSchema<string, string>>(item: Schema, most = 1000) =>
  v.pipe(
    v.array(item, 'must be a list in [ ]'),
    v.maxLength(most, `has more than ${most} entries`),
    v.check((list) => new Set(list).size === list.length, 'names something twice'),
  )
