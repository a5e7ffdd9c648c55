import type { UpdateSheet } from '../../../src/core/update-operations.ts'
import { type Fact, Facts } from '../../parts/facts.tsx'
import { Said } from '../../parts/said.tsx'
import { t } from '../../words/language.ts'
import { timeOf } from './update-times.ts'

export function UpdateNow({ sheet }: { readonly sheet: UpdateSheet }) {
  const { version, machine } = sheet
  const runs: Fact = { label: t('update.runs'), value: <bdi>{version}</bdi> }
  const facts = machine.kind === 'none' ? [runs] : [runs, ...otherSlot(sheet), ...nextOnes(sheet)]
  return (
    <section>
      <h2>{t('update.now')}</h2>
      <Facts facts={facts} />
    </section>
  )
}

const nextOnes = (sheet: UpdateSheet): readonly Fact[] => [
  {
    label: t('update.window'),
    value: t('update.opens', { window: sheet.window, time: timeOf(sheet.opensAt) }),
  },
  {
    label: t('update.index'),
    value: sheet.url === '' ? t('update.index-none') : <bdi>{sheet.url}</bdi>,
  },
  ...lastLook(sheet),
]

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
  const time = timeOf(at)
  const value =
    trouble === '' ? (
      t('update.looked-newest', { time, version })
    ) : (
      <>
        {time}: <Said text={trouble} />
      </>
    )
  return [{ label: t('update.looked'), value }]
}
