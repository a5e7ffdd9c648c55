import type { MachineHealth } from '../../src/core/machine-health.ts'
import { standing } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { type Fact, Facts } from '../parts/facts.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { NetworkSigns } from './health/network-signs.tsx'
import {
  DiskSign,
  FileSystemSign,
  FlashSign,
  LoadSign,
  MemorySign,
  PowerSign,
  TemperatureSign,
  TimeSign,
} from './health/signs.tsx'

/** How the machine is: what it does not tell is not shown. */
export function Health() {
  const known = useAnswer<MachineHealth>('/health')
  return (
    <>
      <PageHead title={t('more.health')} />
      <Answered known={known}>
        {(health) => (
          <>
            <TimeSign time={health.time} />
            {health.power && <PowerSign power={health.power} />}
            {health.temperature !== undefined && (
              <TemperatureSign celsius={health.temperature} throttling={health.throttling} />
            )}
            {health.disk && <DiskSign disk={health.disk} />}
            {health.fileSystem && <FileSystemSign fileSystem={health.fileSystem} />}
            {health.flash && <FlashSign flash={health.flash} />}
            {health.memory && <MemorySign memory={health.memory} own={health.ownMemory} />}
            {health.load && <LoadSign load={health.load} />}
            <NetworkSigns health={health} />
            <h2>{t('health.machine')}</h2>
            <Facts facts={identity(health)} />
          </>
        )}
      </Answered>
    </>
  )
}

function identity({ machine: { manufacturer, model, serial }, uptimeMs }: MachineHealth): readonly Fact[] {
  const name = [manufacturer, model].filter((word) => word !== '').join(' ')
  return [
    ...(name === '' ? [] : [{ label: t('health.machine'), value: <bdi>{name}</bdi> }]),
    ...(serial === '' ? [] : [{ label: t('health.serial'), value: <bdi>{serial}</bdi> }]),
    ...(uptimeMs === undefined ? [] : [{ label: t('health.uptime'), value: formatSpan(uptimeMs) }]),
    { label: t('health.version'), value: <bdi>{standing.value?.about.version}</bdi> },
  ]
}
