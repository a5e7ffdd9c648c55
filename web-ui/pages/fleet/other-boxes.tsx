import { useEffect } from 'preact/hooks'
import type { BoxMood, FleetBoxView } from '../../../src/core/fleet.ts'
import { Answered } from '../../parts/answered.tsx'
import { List } from '../../parts/list.tsx'
import { Said } from '../../parts/said.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { When } from '../../parts/when.tsx'
import { t } from '../../words/language.ts'

/** The box answers with what it knows, and asks the others meanwhile. */
const lookMs = { asking: 2000, known: 30_000 }

/** Other boxes that this one lists, the worst first. */
export function OtherBoxes() {
  const known = useAnswer<readonly FleetBoxView[]>('/fleet/boxes', ['setup', 'alerts'])
  const isAsking = known.value?.some(({ mood }) => mood === 'unknown') === true
  useEffect(() => {
    const timer = setInterval(known.reload, isAsking ? lookMs.asking : lookMs.known)
    return () => clearInterval(timer)
  }, [isAsking])
  return (
    <section>
      <h2>{t('fleet.boxes')}</h2>
      <Answered known={known}>
        {(list) => (
          <List items={list} keyOf={({ name }) => name} empty={t('fleet.empty')} label={t('fleet.boxes')}>
            {(box) => <Box box={box} />}
          </List>
        )}
      </Answered>
    </section>
  )
}

const moods: Readonly<Record<BoxMood, Mood>> = {
  good: 'good',
  warn: 'warn',
  bad: 'bad',
  silent: 'bad',
  unknown: 'busy',
}

/** It leads to its own console. */
function Box({ box }: { readonly box: FleetBoxView }) {
  const { name, address, mood, seenAt, trouble } = box
  return (
    <a class="row" href={`https://${address}/`}>
      <span class="row-text">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="row-line">
          <StateWord mood={moods[mood]}>{t(`fleet.mood-${mood}`)}</StateWord>
        </span>
        {trouble !== '' && (
          <span class="row-line">
            <Said text={trouble} />
          </span>
        )}
        {mood !== 'unknown' && (
          <span class="row-line">
            {t('fleet.seen')}: {seenAt === undefined ? t('fleet.never') : <When at={seenAt} />}
          </span>
        )}
        <Facts box={box} />
      </span>
    </a>
  )
}

/** Of a silent box: what it said last. */
function Facts({ box: { facts, serial, state, mood } }: { readonly box: FleetBoxView }) {
  if (facts === undefined) return null
  return (
    <>
      {mood === 'silent' && <span class="row-line">{t('fleet.last-known')}</span>}
      <span class="row-line">{t('fleet.facts', { ...facts })}</span>
      {serial > 0 && <span class="row-line">{t('fleet.serial', { serial })}</span>}
      {(state === 'refused' || state === 'rolled-back') && (
        <span class="row-line">{t(`fleet.box-${state}`)}</span>
      )}
    </>
  )
}
