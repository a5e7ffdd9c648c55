import { needsDoing } from '../../../src/core/diagnosis.ts'
import type { SecurityFacts } from '../../../src/core/security-facts.ts'
import { Said } from '../../parts/said.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { formatDay } from '../../words/formats.ts'
import { formatNumber, t } from '../../words/language.ts'

/** What the box finds when it looks at itself. */
export function SelfTests({ facts }: { readonly facts: SecurityFacts }) {
  const { relay, audit, vault, diagnosis, backups } = facts
  const doing = diagnosis.findings.filter(needsDoing)
  const isConfirmed = backups.recovery.kind === 'confirmed'
  return (
    <section>
      <h2>{t('security.self-tests')}</h2>
      <ul class="rows">
        <Test
          mood={relay === undefined ? 'unknown' : relay.length === 0 ? 'good' : 'bad'}
          words={t(relay?.length === 0 ? 'security.relay-closed' : 'security.relay-open')}
          details={relay ?? []}
        />
        <Test
          mood={audit.kind === 'intact' ? 'good' : 'bad'}
          words={
            audit.kind === 'intact'
              ? t('audit.intact', { count: audit.entries })
              : t('audit.broken', { id: formatNumber(audit.id), sentence: audit.sentence })
          }
        />
        <Test mood={vault === 'open' ? 'good' : 'bad'} words={t(`security.vault-${vault}`)} />
        <Test
          mood={isConfirmed ? 'good' : 'warn'}
          words={
            backups.recovery.kind === 'confirmed'
              ? t('backup.recovery-confirmed', { day: formatDay(backups.recovery.since) })
              : t('security.recovery-open')
          }
        />
        <Test
          mood={doing.length === 0 ? 'good' : 'warn'}
          words={
            doing.length === 0 ? t('diagnosis.all-well') : t('diagnosis.needs-doing', { count: doing.length })
          }
          details={doing.map(({ sentence }) => sentence)}
        />
      </ul>
    </section>
  )
}

interface TestProps {
  readonly mood: Mood
  readonly words: string
  readonly details?: readonly string[]
}

function Test({ mood, words, details = [] }: TestProps) {
  return (
    <li class="ending">
      <StateWord mood={mood}>
        <bdi>{words}</bdi>
      </StateWord>
      {details.map((detail) => (
        <p key={detail}>
          <Said text={detail} />
        </p>
      ))}
    </li>
  )
}
