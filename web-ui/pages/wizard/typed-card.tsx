import type { DeviceCard } from '../../../src/core/operations.ts'
import { Copy } from '../../parts/copy.tsx'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'

interface TypedCardProps {
  readonly name: string
  readonly card: DeviceCard
  readonly onAnother: () => void
}

/** What to type at the panel, large, in the order in which panels ask for it. */
export function TypedCard({ name, card: { card, username, password }, onAnother }: TypedCardProps) {
  const [, ...lines] = card
  return (
    <section class="card">
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <p>{t('wizard.device-type')}</p>
      {username !== undefined && password !== undefined && (
        <dl class="typed">
          <dt>{t('wizard.device-user')}</dt>
          <dd dir="ltr">{username}</dd>
          <dt>{t('wizard.device-password')}</dt>
          <dd dir="ltr">
            {groupsOf(password).map((group) => (
              <span key={group}>{group}</span>
            ))}
          </dd>
        </dl>
      )}
      <dl class="wizard-facts" lang="en">
        {rowsOf(lines, username !== undefined).map(({ what, value }, index) => (
          // Two ports have the same word before them.
          <div key={index}>
            <dt>{what}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <p class="buttons">
        <Copy text={card.join('\n')} />
      </p>
      <a class="button main" href={`${to('live')}?device=${encodeURIComponent(name)}`}>
        {t('wizard.device-watch')}
      </a>
      <a class="line" href={to('devices', name)}>
        {t('wizard.device-page')}
      </a>
      <button type="button" class="quiet" onClick={onAnother}>
        {t('wizard.device-another')}
      </button>
    </section>
  )
}

/** In fours, as on the printed card. The gap is the style's: nobody types it. */
const groupsOf = (password: string): readonly string[] => password.match(/.{1,4}/gu) ?? [password]

/** The rows of the printed card: blanks, a word or two, at least two blanks, the value. */
const rowsOf = (lines: readonly string[], hasAccount: boolean) =>
  lines
    .map((line) => /^\s*(.+?)\s{2,}(.+)$/.exec(line))
    .map((row) => ({ what: row?.[1] ?? '', value: row?.[2] ?? '' }))
    .filter(({ what, value }) => value !== '' && !(hasAccount && ['User name', 'Password'].includes(what)))
