import type { UpdateSheet } from '../../../src/core/update-operations.ts'
import { type Fact, Facts } from '../../parts/facts.tsx'
import { Said } from '../../parts/said.tsx'
import { formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

export function UpdateNow({ sheet }: { readonly sheet: UpdateSheet }) {
  const { version, window, opensAt, url } = sheet
  const facts: readonly Fact[] = [
    { label: t('update.runs'), value: <bdi>{version}</bdi> },
    ...otherSlot(sheet),
    { label: t('update.window'), value: t('update.opens', { window, time: formatTime(opensAt) }) },
    { label: t('update.index'), value: url === '' ? t('update.index-none') : <bdi>{url}</bdi> },
    ...lastLook(sheet),
  ]
  return (
    <section>
      <h2>{t('update.now')}</h2>
      <Facts facts={facts} />
    </section>
  )
}

function otherSlot({ machine }: UpdateSheet): readonly Fact[] {
  if (machine.kind === 'none') return []
  const other = machine.view.slots.find(({ isBooted }) => !isBooted)
  if (!other) return []
  const otherwise = t(other.isGood ? 'update.as-written' : 'update.half')
  return [{ label: t('update.other'), value: other.version === '' ? otherwise : <bdi>{other.version}</bdi> }]
}

function lastLook({ check }: UpdateSheet): readonly Fact[] {
  if (check === undefined) return []
  const { at, newest: version, trouble } = check
  const time = formatTime(at)
  const value =
    trouble === '' ? t('update.looked-newest', { time, version }) : <Said text={`${time}: ${trouble}`} />
  return [{ label: t('update.looked'), value }]
}
