import type { HomeUpstream, HomeView, QuotaBar, QuotaForecast } from '../../src/core/home.ts'
import { Answered } from '../parts/answered.tsx'
import { Bar } from '../parts/bar.tsx'
import { List } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { to } from '../router.ts'
import type { Key } from '../words/en.ts'
import { formatSpan } from '../words/formats.ts'
import { formatNumber, t } from '../words/language.ts'
import { MonthUse } from './quotas/month-use.tsx'

/** What may leave and how much of it did, what waits for it, and what it costs. */
export function Quotas() {
  const known = useAnswer<HomeView>('/home', ['upstreams', 'queue'])
  return (
    <>
      <PageHead title={t('more.quotas')} />
      <Answered known={known}>
        {({ upstreams }) => (
          <List items={upstreams} keyOf={({ name }) => name} empty={t('more.no-upstream')}>
            {(upstream) => <WayOutQuota upstream={upstream} />}
          </List>
        )}
      </Answered>
      <MonthUse />
    </>
  )
}

function WayOutQuota({ upstream: { name, quota, forecast } }: { readonly upstream: HomeUpstream }) {
  return (
    <div class="ending">
      <h2>
        <a href={to('upstreams', name)}>
          <bdi>{name}</bdi>
        </a>
      </h2>
      <QuotaBars quota={quota} forecast={forecast} />
    </div>
  )
}

const countedAs = {
  messages: 'quotas.of-messages',
  recipients: 'quotas.of-recipients',
  external: 'quotas.of-external',
} as const satisfies Readonly<Record<QuotaBar['of'], Key>>

interface QuotaBarsProps {
  readonly quota: readonly QuotaBar[]
  readonly forecast: QuotaForecast
}

export function QuotaBars({ quota, forecast }: QuotaBarsProps) {
  return (
    <>
      {quota.length === 0 && <p class="hint">{t('quotas.unlimited')}</p>}
      {quota.map((bar) => (
        <Window key={`${bar.of} ${bar.windowMs}`} bar={bar} />
      ))}
      <Forecast forecast={forecast} />
    </>
  )
}

function Window({ bar: { of, windowMs, limit, left } }: { readonly bar: QuotaBar }) {
  const words = t('quotas.window', {
    used: formatNumber(limit - left),
    limit: formatNumber(limit),
    span: formatSpan(windowMs),
  })
  const label = t(countedAs[of])
  return (
    <Bar
      label={label}
      spoken={`${label}, ${formatSpan(windowMs)}`}
      value={limit - left}
      max={limit}
      words={words}
      mood={left <= 0 ? 'bad' : left < limit * 0.2 ? 'warn' : 'good'}
    />
  )
}

function Forecast({ forecast }: { readonly forecast: QuotaForecast }) {
  switch (forecast.kind) {
    case 'nothing-waits':
      return null
    case 'paused':
      return <p>{t('quotas.forecast-paused', { count: forecast.waiting })}</p>
    case 'leaves':
      return forecast.lastInMs === 0 ? (
        <p>{t('quotas.forecast-now', { count: forecast.waiting })}</p>
      ) : (
        <p>{t('quotas.forecast', { count: forecast.waiting, span: formatSpan(forecast.lastInMs) })}</p>
      )
  }
}
