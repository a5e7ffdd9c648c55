import type { CalendarEntry, CalendarKind } from '../../src/core/calendar.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { List } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import type { Key } from '../words/en.ts'
import { t } from '../words/language.ts'
import { Ending } from './calendar.tsx'

/** What printers, browsers and services see of this box, and when it ends. */
export function Certificates() {
  const known = useAnswer<readonly CalendarEntry[]>('/calendar', ['setup'])
  const isSecure = location.protocol === 'https:'
  return (
    <>
      <PageHead title={t('more.certificates')} />
      <h2>{t('certificates.printers')}</h2>
      <p>{t('certificates.printers-line')}</p>
      <Authority label={t('certificates.authority')} file="ca" />
      <Authority label={t('certificates.authority-old')} file="ca-sha1" />
      <Answered known={known}>
        {(entries) => (
          <>
            <Ends entries={entries} kinds={['server-certificate', 'authority']} />
            <h2>{t('certificates.browsers')}</h2>
            <p>{t(isSecure ? 'certificates.browser-tls' : 'certificates.browser-plain')}</p>
            <Ends entries={entries} kinds={['console-certificate']} />
            <h2>{t('certificates.services')}</h2>
            <Ends entries={entries} kinds={['client-certificate']} empty="certificates.services-empty" />
            <h2>{t('certificates.secrets')}</h2>
            <Ends entries={entries} kinds={['secret']} empty="certificates.secrets-empty" />
          </>
        )}
      </Answered>
    </>
  )
}

/** Windows and most printers take `.cer`, the others PEM. */
function Authority({ label, file }: { readonly label: string; readonly file: 'ca' | 'ca-sha1' }) {
  return (
    <p class="buttons">
      <span class="grow">{label}</span>
      <a class="button" href={`/${file}.der`} download={`inkpost-${file}.cer`}>
        <Icon name="download" />
        <span>
          <bdi dir="ltr">.cer</bdi> <span class="unseen">{label}</span>
        </span>
      </a>
      <a class="button" href={`/${file}.pem`} download={`inkpost-${file}.pem`}>
        <Icon name="download" />
        <span>
          <bdi dir="ltr">.pem</bdi> <span class="unseen">{label}</span>
        </span>
      </a>
    </p>
  )
}

interface EndsProps {
  readonly entries: readonly CalendarEntry[]
  readonly kinds: readonly CalendarKind[]
  readonly empty?: Key
}

function Ends({ entries, kinds, empty }: EndsProps) {
  const own = entries.filter(({ kind }) => kinds.includes(kind))
  if (own.length === 0 && empty === undefined) return null
  return (
    <List items={own} keyOf={({ key }) => key} empty={empty && t(empty)}>
      {(entry) => <Ending entry={entry} />}
    </List>
  )
}
