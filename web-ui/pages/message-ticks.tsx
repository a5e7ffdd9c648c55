import type { Ticks } from '../../src/core/queue-operations.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { t } from '../words/language.ts'
import { deliveredWords } from './queue-words.ts'

/** Three ticks and never more than is known: taken by a service is not delivered. */
export function TickRow({ ticks: { boxHasIt, wayOutTookIt, delivered } }: { readonly ticks: Ticks }) {
  const isDelivered = delivered === 'yes'
  const isLost = delivered === 'bounced' || delivered === 'no'
  return (
    <ol class="ticks" aria-label={t('tick.label')}>
      <Tick icon={boxHasIt ? 'check' : 'minus'} isDone={boxHasIt} words={t('tick.box')} />
      <Tick
        icon={wayOutTookIt ? 'check' : 'clock'}
        isDone={wayOutTookIt}
        words={t(wayOutTookIt ? 'tick.way' : 'tick.way-not')}
      />
      <Tick
        icon={isDelivered ? 'check' : isLost ? 'x' : 'circle-help'}
        isDone={isDelivered}
        words={deliveredWords(delivered)}
      />
    </ol>
  )
}

interface TickProps {
  readonly icon: IconName
  readonly isDone: boolean
  readonly words: string
}

function Tick({ icon, isDone, words }: TickProps) {
  return (
    <li class={isDone ? 'tick done' : 'tick'}>
      <Icon name={icon} />
      <span>{words}</span>
    </li>
  )
}
