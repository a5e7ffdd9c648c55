import { endInFile, endInStore } from '../certificates/certificate-ends.ts'
import { presentName } from '../certificates/renewal-record.ts'
import { type CalendarEntry, type CertificateEnd, type CureEndDate, calendarOf } from '../core/calendar.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { WallMs } from '../core/time.ts'
import type { KeptCure } from '../settings/cures.ts'
import type { SealedFiles } from '../settings/sealed-files.ts'

/** Everything that ends, as settings, kept certificates and named files say it now; makes nothing. */
export const calendarNow = (
  setup: Setup,
  sealed: SealedFiles,
  cures: readonly KeptCure[],
): readonly CalendarEntry[] =>
  calendarOf(
    setup,
    endsOf(setup, sealed).flatMap(({ notAfter, ...end }) =>
      notAfter === undefined ? [] : [{ ...end, notAfter }],
    ),
    cures.flatMap(cureEnd),
  )

/** Of the box's own settings alone: what ends with a device is told with it, a higher rate to nobody. */
const cureEnd = ({ id, until, changes, texts }: KeptCure): readonly CureEndDate[] =>
  until !== undefined && changes.some((change) => 'key' in change && change.device === undefined)
    ? [{ id, until, what: texts.join('; ') }]
    : []

/** Keys of certificates whose end cannot be read now: the vault is locked, a file is away, or there is none yet. */
export const unreadCertificates = (setup: Setup, sealed: SealedFiles): ReadonlySet<string> =>
  new Set(endsOf(setup, sealed).flatMap(({ key, notAfter }) => (notAfter === undefined ? [key] : [])))

type End = Omit<CertificateEnd, 'notAfter'> & { readonly notAfter: WallMs | undefined }

const endsOf = (setup: Setup, sealed: SealedFiles): readonly End[] => [
  ...clientEnds(setup, sealed),
  ...consoleEnd(setup),
  ...ownEnds(sealed),
]

function clientEnds({ upstreams }: Setup, sealed: SealedFiles): readonly End[] {
  return upstreams.flatMap((upstream) => {
    const { name, enabled, credential } = upstream
    if (!enabled || credential.kind !== 'client-certificate') return []
    const file = credential.certificateFile
    const notAfter = file === '' ? endInStore(sealed, presentName(name)) : endInFile(file)
    return ended(notAfter, {
      key: `client-certificate/${name}`,
      kind: 'client-certificate',
      what: `The certificate by which ${name} knows this box expires`,
      remedy: clientRemedy(upstream, file),
      source: file === '' ? `made by this box, see \`inkpost certificate ${name}\`` : file,
    })
  })
}

/** A connector's is signed by an authority; one of an app is renewed by the box, which says in an alert where it can't. */
const clientRemedy = ({ name, kind }: UpstreamSetup, file: string): string =>
  file === '' && kind !== 'exchange-connector'
    ? `The box renews it by itself; where the alert "certificate/${name}" says that it cannot, upload what \`inkpost certificate ${name}\` prints.`
    : kind === 'exchange-connector'
      ? `Have the request signed that \`inkpost certificate ${name} --csr\` prints, put the answer into certificate_file and apply the setup document again.`
      : `Put the new key and certificate into ${file}, register the certificate and apply the setup document again.`

function consoleEnd({ console: { tls, certificateFile } }: Setup): readonly End[] {
  if (tls !== 'file') return []
  return ended(endInFile(certificateFile), {
    key: 'console-certificate',
    kind: 'console-certificate',
    what: 'The certificate of the console expires',
    remedy: `Put the new key and certificate into ${certificateFile} and apply the setup document again.`,
    source: certificateFile,
  })
}

const servers = [
  ['server', "The box's own certificate for devices expires"],
  ['server-sha1', "The box's SHA-1 certificate for old devices expires"],
  ['server-sha1-1024', "The box's RSA-1024 certificate for old devices expires"],
  ['server-vintage', "The box's certificate for SSL 3.0 devices expires"],
  ['server-vintage-1024', "The box's RSA-1024 certificate for SSL 3.0 devices expires"],
] as const
const authorities = [
  ['authority', "The box's authority for devices expires"],
  ['authority-sha1', "The box's SHA-1 authority for old devices expires"],
] as const
const ownRemedy =
  'It is renewed by itself 30 days before its end: see `certificate-not-renewed` in the log for why it was not.'
const authorityRemedy = 'Plan a new one with every device that has imported it.'

const ownEnds = (sealed: SealedFiles): readonly End[] => [
  ...servers.flatMap(([name, what]) =>
    ended(endInStore(sealed, name), {
      key: `server-certificate/${name}`,
      kind: 'server-certificate',
      what,
      remedy: ownRemedy,
      source: 'made by this box',
    }),
  ),
  ...authorities.flatMap(([name, what]) =>
    ended(endInStore(sealed, name), {
      key: `authority/${name}`,
      kind: 'authority',
      what,
      remedy: authorityRemedy,
      source: 'made by this box',
    }),
  ),
]

const ended = (notAfter: WallMs | undefined, end: Omit<End, 'notAfter'>): readonly End[] => [
  { ...end, notAfter },
]
