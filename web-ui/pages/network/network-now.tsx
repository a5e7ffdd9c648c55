import type { LinkAddress, NetworkView } from '../../../src/core/machine-network.ts'
import type { NetworkSheet, ToldAddress } from '../../../src/core/network-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { type Fact, Facts } from '../../parts/facts.tsx'
import { tell } from '../../parts/notice.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { isAtLeast } from '../../role.ts'
import { formatList } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

interface NetworkNowProps {
  readonly sheet: NetworkSheet
  readonly onChanged: () => void
}

export function NetworkNow({ sheet: { machine, urls, told }, onChanged }: NetworkNowProps) {
  const others = told.filter(({ state }) => state !== 'own')
  return (
    <>
      {others.length > 0 && (
        <section>
          <h2>{t('network.told')}</h2>
          {others.map((each) => (
            <Told key={each.address} told={each} onChanged={onChanged} />
          ))}
        </section>
      )}
      <section>
        <h2>{t('network.now')}</h2>
        {machine.kind === 'known' ? (
          <Facts facts={[...factsOf(machine.view), ...consoleFacts(urls)]} />
        ) : (
          <>
            <p>{t('network.not-ours')}</p>
            <Facts facts={consoleFacts(urls)} />
          </>
        )}
      </section>
      {machine.kind === 'known' && !machine.view.hasTime && isAtLeast('administrator') && (
        <Clock onChanged={onChanged} />
      )}
    </>
  )
}

const factsOf = (view: NetworkView): readonly Fact[] => [
  {
    label: t('network.link'),
    value: (
      <>
        <bdi>
          {view.link} {view.hardware}
        </bdi>
        {!view.hasCarrier && (
          <div>
            <StateWord mood="warn">{t('network.no-cable')}</StateWord>
          </div>
        )}
      </>
    ),
  },
  {
    label: t('network.address'),
    value: view.addresses.filter(({ origin }) => origin !== 'link-local').map(addressLine),
  },
  { label: t('network.router'), value: listed(view.gateways) },
  { label: t('network.dns'), value: listed(view.dns) },
  {
    label: t('network.ntp'),
    value: (
      <>
        {view.ntp.length > 0 && listed(view.ntp)} {t(view.hasTime ? 'network.heard' : 'network.not-heard')}
      </>
    ),
  },
]

const listed = (servers: readonly string[]) =>
  servers.length === 0 ? t('network.none') : <bdi>{formatList(servers)}</bdi>

const addressLine = ({ address, prefix, origin }: LinkAddress) => (
  <div key={address}>
    <bdi>
      {address}/{prefix}
    </bdi>{' '}
    {origin !== 'link-local' && <span class="row-line">{t(`network.origin-${origin}`)}</span>}
  </div>
)

const consoleFacts = (urls: readonly string[]): readonly Fact[] =>
  urls.length === 0
    ? []
    : [
        {
          label: t('network.console'),
          value: urls.map((url) => (
            <div key={url}>
              <bdi>{url}</bdi>
            </div>
          )),
        },
      ]

function Told({ told, onChanged }: { readonly told: ToldAddress; readonly onChanged: () => void }) {
  const address = told.address.replace(/\/\d+$/, '')
  return (
    <>
      <p>{t(told.state === 'held' ? 'network.told-held' : 'network.told-lost', { address })}</p>
      {isAtLeast('administrator') && (
        <Action
          label={t('network.forget', { address })}
          run={() => ask('DELETE', `/network/told/${encodeURIComponent(address)}`)}
          onDone={() => {
            tell(t('network.forgotten', { address }))
            onChanged()
          }}
        />
      )}
    </>
  )
}

function Clock({ onChanged }: { readonly onChanged: () => void }) {
  return (
    <section>
      <h2>{t('network.clock')}</h2>
      <p>{t('network.clock-line')}</p>
      <Action
        label={t('network.clock-set')}
        run={() => ask('PUT', '/clock', { body: { wallMs: Date.now() } })}
        onDone={() => {
          tell(t('network.clock-done'))
          onChanged()
        }}
      />
    </section>
  )
}
