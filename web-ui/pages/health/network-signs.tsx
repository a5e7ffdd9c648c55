import { healthStates, type MachineHealth, type NetworkPort } from '../../../src/core/machine-health.ts'
import { type Fact, Facts } from '../../parts/facts.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { t } from '../../words/language.ts'

export function NetworkSigns({
  health: { network, router, nameServers },
}: {
  readonly health: MachineHealth
}) {
  const ways: readonly Fact[] = [
    ...(router === undefined ? [] : [{ label: t('health.router'), value: <bdi>{router}</bdi> }]),
    ...(nameServers.length === 0
      ? []
      : [{ label: t('health.name-servers'), value: <bdi>{nameServers.join(', ')}</bdi> }]),
  ]
  return (
    <section class="card">
      <h2>{t('health.network')}</h2>
      {network.map((port) => (
        <Port key={port.name} port={port} />
      ))}
      <Facts facts={ways} />
    </section>
  )
}

function Port({ port }: { readonly port: NetworkPort }) {
  const { name, isUp, addresses, mac, speed, signal, damaged = 0 } = port
  const isWeak = signal !== undefined && healthStates.signal(signal) !== 'ok'
  const details = [
    ...(speed === undefined ? [] : [t('health.speed', { speed })]),
    ...(signal === undefined ? [] : [t('health.signal', { signal })]),
    ...(damaged > 0 ? [t('health.damaged', { count: damaged })] : []),
  ]
  return (
    <div class="port">
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        <StateWord mood={!isUp ? 'idle' : isWeak ? 'warn' : 'good'}>
          {t(isUp ? 'health.network-up' : 'health.network-down')}
        </StateWord>{' '}
        {details.join(', ')}
      </p>
      {isWeak && <p class="remedy">{t('health.signal-cure')}</p>}
      <p class="hint">
        {[...addresses, mac]
          .filter((address) => address !== '')
          .map((address) => (
            <span key={address}>
              <bdi>{address}</bdi>{' '}
            </span>
          ))}
      </p>
    </div>
  )
}
