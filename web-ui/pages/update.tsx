import { useEffect } from 'preact/hooks'
import type { UpdateSheet } from '../../src/core/update-operations.ts'
import { Answered } from '../parts/answered.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Said } from '../parts/said.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { UpdateBack } from './update/update-back.tsx'
import { UpdateGet } from './update/update-get.tsx'
import { UpdateNow } from './update/update-now.tsx'
import { UpdateState } from './update/update-state.tsx'

const lookMs = 3000
const moving = ['fetching', 'waiting', 'installing', 'restart-due', 'on-trial']

/** Which version runs, how the next one comes, and how the box goes back. */
export function Update() {
  const known = useAnswer<UpdateSheet>('/update', ['setup', 'alerts'])
  const isMoving = moving.includes(known.value?.state.kind ?? 'none')
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(known.reload, lookMs)
    return () => clearInterval(timer)
  }, [isMoving])
  return (
    <>
      <PageHead title={t('more.update')} />
      <Answered known={known}>{(sheet) => <Sheet sheet={sheet} known={known} />}</Answered>
    </>
  )
}

function Sheet({ sheet, known }: { readonly sheet: UpdateSheet; readonly known: Known<UpdateSheet> }) {
  const { machine, state } = sheet
  const mayChange = isAtLeast('administrator') && machine.kind === 'slots'
  const isFree = ['none', 'kept', 'rolled-back', 'failed'].includes(state.kind)
  const isUpload = state.kind === 'fetching' && state.source.kind === 'upload'
  return (
    <>
      {machine.kind === 'none' && (
        <>
          <p>{t('update.not-ours')}</p>
          <p class="remedy">
            <Said text={machine.reason} />
          </p>
        </>
      )}
      <UpdateState sheet={sheet} mayChange={mayChange} onChanged={known.reload} />
      <UpdateNow sheet={sheet} />
      {mayChange && (isFree || isUpload) && <UpdateGet sheet={sheet} onChanged={known.reload} />}
      {mayChange &&
        machine.kind === 'slots' &&
        (isFree || (state.kind === 'on-trial' && state.version === sheet.version)) && (
          <UpdateBack slots={machine.view.slots} onChanged={known.reload} />
        )}
    </>
  )
}
