import { useEffect } from 'preact/hooks'
import type { NetworkSheet } from '../../src/core/network-operations.ts'
import { Answered } from '../parts/answered.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { NetworkForm } from './network/network-form.tsx'
import { NetworkNow } from './network/network-now.tsx'
import { NetworkTrial } from './network/network-trial.tsx'

const lookMs = 2000

/** How the box is in its network, and another network on trial. */
export function Network() {
  const known = useAnswer<NetworkSheet>('/network', ['setup', 'alerts'])
  const isOnTrial = (known.value?.trial ?? null) !== null
  useEffect(() => {
    if (!isOnTrial) return
    const timer = setInterval(known.reload, lookMs)
    return () => clearInterval(timer)
  }, [isOnTrial])
  return (
    <>
      <PageHead title={t('more.network')} />
      <Answered known={known}>{(sheet) => <Sheet sheet={sheet} known={known} />}</Answered>
    </>
  )
}

function Sheet({ sheet, known }: { readonly sheet: NetworkSheet; readonly known: Known<NetworkSheet> }) {
  const ports = sheet.machine.kind === 'known' ? sheet.machine.view.ports : undefined
  return (
    <>
      {sheet.trial && <NetworkTrial trial={sheet.trial} onChanged={known.reload} />}
      <NetworkNow sheet={sheet} onChanged={known.reload} />
      {isAtLeast('administrator') && ports && sheet.trial === null && (
        <NetworkForm key={sheet.revision} settings={sheet.settings} ports={ports} onBegun={known.reload} />
      )}
    </>
  )
}
