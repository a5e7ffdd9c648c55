import type { HomeQueue, HomeView } from '../../../src/core/home.ts'
import { boxNow, tick } from '../../clock.ts'
import { to } from '../../router.ts'
import { formatRelative, formatSize } from '../../words/formats.ts'
import { formatNumber, t } from '../../words/language.ts'

/** How much waits, went and fits. */
export function Figures({ view: { queue, sentToday, disk } }: { readonly view: HomeView }) {
  return (
    <ul class="figures">
      <li>
        <a class="card" href={to('queue')}>
          <span>{t('home.queue')}</span>
          <strong>{queue.waiting === 0 ? t('home.queue-none') : formatNumber(queue.waiting)}</strong>
          <QueueLine queue={queue} />
        </a>
      </li>
      <li>
        <a class="card" href={`${to('queue')}?all=yes`}>
          <span>{t('home.sent')}</span>
          <strong>{formatNumber(sentToday)}</strong>
        </a>
      </li>
      <li>
        <a class="card" href={to('health')}>
          <span>{t('home.disk')}</span>
          <strong>{t('home.disk-free', { size: formatSize(disk.freeBytes) })}</strong>
          {disk.mails !== undefined && <span>{t('home.disk-mails', { count: disk.mails })}</span>}
        </a>
      </li>
    </ul>
  )
}

function QueueLine({ queue: { held, oldest, waiting } }: { readonly queue: HomeQueue }) {
  // Read, so that the age goes on.
  tick.value
  const words = [
    ...(oldest !== undefined && waiting > 0
      ? [t('home.queue-oldest', { age: formatRelative(oldest - boxNow()) })]
      : []),
    ...(held > 0 ? [t('home.queue-held', { count: held })] : []),
  ]
  return words.length === 0 ? null : <span>{words.join(' · ')}</span>
}
