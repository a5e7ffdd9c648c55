import type { HandshakeFailure, SessionEvent, SessionStory, TlsOffer, TlsRefusal } from './session-event.ts'
import type { TlsFloor } from './setup.ts'
import { type Cure, type Verdict, type VerdictCode, verdictCodes } from './verdict.ts'

type OnTls<Kind extends SessionEvent['kind']> = Extract<SessionEvent, { kind: Kind }>

const advice = (words: string): Cure => ({ kind: 'advice', words })

const verdict = (
  code: VerdictCode,
  sentence: string,
  evidence: readonly string[],
  cure: Cure | undefined,
): Verdict => ({ code, sentence, evidence, cure })

export const lateTls = (): Verdict =>
  verdict(
    'T1',
    verdictCodes.T1.sentence,
    ['a ClientHello behind the greeting'],
    advice('Try again: the box knows it now and waits for it. Where that does not help, use the TLS port.'),
  )

const camesInstead: Readonly<Record<OnTls<'no-tls'>['came'], string>> = {
  closed: 'It asked for encryption and hung up.',
  silence: 'It asked for encryption and said nothing more.',
  'clear-text': 'It asked for encryption and went on in clear.',
  nonsense: 'What it says begins like encryption and is none.',
}

export const noTls = ({ came }: OnTls<'no-tls'>): Verdict =>
  verdict('T7', camesInstead[came], [], advice('Set it to SSL/TLS on the TLS port, or to no encryption.'))

export function refusedTls({ reason, offer }: OnTls<'tls-refused'>, story: SessionStory): Verdict {
  const code = refusalCodes[reason]
  return verdict(code, refusalSentence(reason, offer, story), evidenceOf(offer), refusalCure(reason, story))
}

const refusalCodes: Readonly<Record<TlsRefusal, VerdictCode>> = {
  'ssl2-only': 'T3',
  'needs-vintage': 'T3',
  'needs-legacy': 'T2',
  'old-format': 'T2',
  'no-common-suite': 'T5',
  busy: 'K3',
  'too-many-handshakes': 'K3',
}

/** Where the box's own floor forbids what the device needs, the sentence says so: no cure may pass it. */
function refusalSentence(reason: TlsRefusal, offer: TlsOffer, story: SessionStory): string {
  const offers = `It offers only ${offer.version} with ${offer.ciphers}.`
  switch (reason) {
    case 'ssl2-only':
      return 'It offers only SSL 2.0, which nothing serves any more.'
    case 'needs-vintage':
      return mayOpen('vintage', story) ? offers : `${offers} This box allows none of that (weakest_tls).`
    case 'needs-legacy':
      return mayOpen('legacy', story)
        ? `It knows no better than ${offer.version}.`
        : `It knows no better than ${offer.version}, and this box allows TLS 1.2 and up only (weakest_tls).`
    case 'old-format': {
      const begins = `It knows ${offer.version} and begins in the format of SSL 2.0`
      return mayOpen('legacy', story)
        ? `${begins}, which is not allowed here.`
        : `${begins}, which this box does not allow (weakest_tls).`
    }
    case 'no-common-suite':
      return `${offers} The box can serve none of it.`
    case 'busy':
      return 'Too many sessions with old encryption were open.'
    case 'too-many-handshakes':
      return 'Too many began encryption at once, and its turn did not come.'
  }
}

const strengths: readonly TlsFloor[] = ['modern', 'legacy', 'vintage']

const mayOpen = (floor: TlsFloor, { gateway }: SessionStory): boolean =>
  strengths.indexOf(floor) <= strengths.indexOf(gateway.weakestTls)

const inClear = 'set it to no encryption'

function refusalCure(reason: TlsRefusal, story: SessionStory): Cure {
  switch (reason) {
    case 'needs-vintage':
      return weakerCure('vintage', story)
    case 'needs-legacy':
    case 'old-format':
      return weakerCure('legacy', story)
    case 'ssl2-only':
    case 'no-common-suite':
      return advice('Set it to no encryption.')
    case 'busy':
    case 'too-many-handshakes':
      return advice('Try again later.')
  }
}

/** Vintage is for devices known by a private address; legacy for whoever the box knows. */
function weakerCure(floor: 'vintage' | 'legacy', story: SessionStory): Cure {
  const { device, address } = story
  const allow = `Allow ${floor} encryption for ${address}, or ${inClear}.`
  if (!mayOpen(floor, story) || (floor === 'vintage' && !story.isPrivate)) {
    return advice('Set it to no encryption, or bring its software up to date.')
  }
  if (!device) return { kind: 'adopt', address, tls: floor, words: allow }
  if (story.isWeakOver) {
    const words = `Old encryption was allowed for ${device.name} until ${device.weakUntil}: allow it again, or ${inClear}.`
    return { kind: 'device-setting', device: device.name, key: 'weak_until', value: '', words }
  }
  if (floor === 'vintage' && !story.isBound) {
    const words = `Give ${device.name} the address ${address} and tls = "vintage", or ${inClear}.`
    return { kind: 'device-setting', device: device.name, key: 'addresses', adds: address, tls: floor, words }
  }
  return { kind: 'device-setting', device: device.name, key: 'tls', value: floor, words: allow }
}

export function failedHandshake({ failure, offer }: OnTls<'handshake-failed'>): Verdict {
  const evidence = [...evidenceOf(offer), ...alertOf(failure)]
  switch (failure.kind) {
    case 'distrust':
      return verdict('T4', verdictCodes.T4.sentence, evidence, trust)
    case 'nothing-common':
      return verdict(
        'T5',
        `It offers only ${offer.version} with ${offer.ciphers}. The box can serve none of it.`,
        evidence,
        advice('Set it to no encryption.'),
      )
    case 'alert':
    case 'broken':
      return verdict('T6', verdictCodes.T6.sentence, evidence, checkTls)
    case 'closed':
      return verdict('T6', 'It hung up while encryption was being set up.', evidence, checkTls)
    case 'too-slow':
      return verdict('T6', 'It did not finish setting up encryption in time.', evidence, checkTls)
  }
}

/** Encryption stood and not a word came: many stacks judge the certificate only then. */
export const silentInTls = (): Verdict =>
  verdict('T6', 'It hung up right after encryption was set up.', ['nothing was said in TLS'], checkTls)

const trust = advice(
  "Import the box's CA at its panel (/ca.pem or /ca.der of the console), or switch its certificate check off.",
)
const checkTls = advice(
  "If it checks certificates, import the box's CA at its panel or switch the check off; else try no encryption.",
)

const alertOf = (failure: HandshakeFailure): readonly string[] =>
  failure.kind === 'distrust' || failure.kind === 'alert' ? [`its alert: ${failure.alert}`] : []

const evidenceOf = ({ version, ciphers }: TlsOffer): readonly string[] => [
  `offers up to ${version} with ${ciphers}`,
]
