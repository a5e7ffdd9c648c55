import { useState } from 'preact/hooks'
import type { SessionRecord, TranscriptLine } from '../../src/core/spool.ts'
import { isFault, type Verdict } from '../../src/core/verdict.ts'
import { Answered } from '../parts/answered.tsx'
import { Copy } from '../parts/copy.tsx'
import { Evidence } from '../parts/evidence.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { t } from '../words/language.ts'
import { CureOffer } from './live-cure.tsx'
import type { Journey } from './live-journey.ts'
import { verdictSentence } from './live-words.ts'

interface VerdictProps {
  readonly journey: Journey
  /** Undefined: nothing can be said yet. */
  readonly verdict: Verdict | undefined
}

/** What came of a session in plain words, what it stands on, what helps, and every line that was said. */
export function VerdictBox({ journey, verdict }: VerdictProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      {verdict && <VerdictWords journey={journey} verdict={verdict} />}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{t('live.raw')}</summary>
        {isOpen && <Transcript session={journey.session} />}
      </details>
    </>
  )
}

function VerdictWords({ journey, verdict }: { readonly journey: Journey; readonly verdict: Verdict }) {
  const { code, evidence } = verdict
  const isBad = isFault(verdict)
  return (
    <div class={isBad ? 'trouble' : 'good-box'}>
      <h2>{isBad ? t('live.verdict') : t('live.verdict-fine')}</h2>
      <p>
        <bdi>{verdictSentence(verdict)}</bdi> <code>{code}</code>
      </p>
      <Evidence title={t('live.evidence')} lines={evidence} />
      <CureOffer journey={journey} verdict={verdict} />
    </div>
  )
}

function Transcript({ session }: { readonly session: string }) {
  const known = useAnswer<SessionRecord>(`/sessions/${encodeURIComponent(session)}`, ['devices', 'queue'])
  return (
    <Answered known={known}>
      {({ lines }) =>
        lines.length === 0 ? (
          <p>{t('live.raw.none')}</p>
        ) : (
          <>
            <p class="hint">{t('live.raw.masked')}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys (WCAG 2.1.1) */}
            <ol class="transcript" tabIndex={0} aria-label={t('live.raw')}>
              {lines.map((line, index) => (
                <li key={`${index}`}>
                  <span class="who">{t(`live.raw.${line.from}`)}</span> <bdi>{line.text}</bdi>
                </li>
              ))}
            </ol>
            <Copy text={lines.map(plainLine).join('\n')} label={t('live.copy')} />
          </>
        )
      }
    </Answered>
  )
}

/** As `inkpost session` writes it: for a support mail, so in English whatever the page speaks. */
const plainLine = ({ at, from, text }: TranscriptLine): string => `${(at / 1000).toFixed(3)} ${from}: ${text}`
