import { useState } from 'preact/hooks'
import { type Cured, type CureView, cureChoicesMs, usualMs } from '../../src/core/cure-operations.ts'
import { isFault, type Verdict } from '../../src/core/verdict.ts'
import { ask } from '../box.ts'
import { Action } from '../parts/action.tsx'
import { Choice } from '../parts/check.tsx'
import { Icon } from '../parts/icon.tsx'
import { tell, tellTrouble, tellWithUndo } from '../parts/notice.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { formatDay, formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { deviceTab } from './device-places.ts'
import { cureWords, isForEverybody } from './live-cure-words.ts'
import type { Journey } from './live-journey.ts'

interface CureProps {
  readonly journey: Journey
  readonly verdict: Verdict
}

/** What helps: in words always, and as one tap where a setting does it; what was done, with the way back. */
export function CureOffer({ journey, verdict }: CureProps) {
  const { cure } = verdict
  const done = useAnswer<readonly CureView[]>('/cures', ['setup'])
  const applied = done.value?.find(({ session }) => session === journey.session)
  return (
    <>
      {cure && (
        <p lang="en">
          <bdi>{cure.words}</bdi>
        </p>
      )}
      {applied ? (
        <Applied cure={applied} onDone={done.reload} />
      ) : (
        <OneTap journey={journey} verdict={verdict} onDone={done.reload} />
      )}
      <CardLink journey={journey} verdict={verdict} />
    </>
  )
}

/** A password is typed again from the card, so the card is one tap away. */
function CardLink({ journey: { device }, verdict }: CureProps) {
  if (device === undefined || !isFault(verdict) || !isAtLeast('technician')) return null
  return (
    <a class="button" href={deviceTab(device, 'card')}>
      <Icon name="printer" />
      {t('live.card', { device })}
    </a>
  )
}

function OneTap({ journey, verdict: { cure }, onDone }: CureProps & { readonly onDone: () => void }) {
  const usual = cure && usualMs(cure)
  const [forMs, setForMs] = useState(usual)
  if (cure === undefined || cure.kind === 'advice' || !isAtLeast('technician')) return null
  if (isForEverybody(cure) && !isAtLeast('administrator')) return <p>{t('cure.for-administrators')}</p>
  const path = `/sessions/${encodeURIComponent(journey.session)}/cure`
  const done = ({ cure: applied, card }: Cured) => {
    offerUndo(applied, onDone)
    const made = card?.card[0]
    if (made !== undefined) location.hash = deviceTab(made, 'card')
    onDone()
  }
  return (
    <>
      {usual !== undefined && (
        <Choice
          label={t('cure.for')}
          value={`${forMs ?? usual}`}
          choices={cureChoicesMs.map((ms) => [`${ms}`, formatSpan(ms)])}
          onChange={(ms) => setForMs(Number(ms))}
        />
      )}
      <Action
        label={cureWords(cure, forMs)}
        icon="check"
        look="main"
        run={() => ask<Cured>('POST', path, { body: forMs === undefined ? {} : { forMs } })}
        onDone={done}
      />
    </>
  )
}

const undoMs = 15_000

/** The way back stays on the page of the session, too: a phone may be put away meanwhile. */
const offerUndo = (cure: CureView, onDone: () => void): void =>
  tellWithUndo(doneWords(cure), undoMs, async () => {
    const answer = await ask('DELETE', `/cures/${encodeURIComponent(cure.id)}`)
    onDone()
    return answer
  })

const doneWords = ({ until }: CureView): string =>
  until === undefined ? t('cure.done') : t('cure.done-until', { day: formatDay(until) })

function Applied({ cure, onDone }: { readonly cure: CureView; readonly onDone: () => void }) {
  const undo = async () => {
    const answer = await ask('DELETE', `/cures/${encodeURIComponent(cure.id)}`)
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('notice.undone'))
    onDone()
  }
  return (
    <div class="good-box">
      <p>
        {doneWords(cure)} {t('cure.try-again')}
      </p>
      {cure.changes.map((change) => (
        <p key={change} class="faint" lang="en">
          <bdi>{change}</bdi>
        </p>
      ))}
      {isAtLeast('technician') && (
        <button type="button" onClick={undo}>
          <Icon name="undo" />
          {t('cure.undo')}
        </button>
      )}
    </div>
  )
}
