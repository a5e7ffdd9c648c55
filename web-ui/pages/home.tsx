import { useEffect, useState } from 'preact/hooks'
import type { StatusView } from '../../src/core/operations.ts'
import { get } from '../box.ts'
import { Trouble } from '../parts/trouble.tsx'
import { t } from '../words/language.ts'

export function Home() {
  const [status, setStatus] = useState<StatusView | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  const load = async () => {
    const answer = await get<StatusView>('/status')
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') setStatus(answer.value)
  }
  useEffect(() => void load(), [])
  if (trouble !== '') return <Trouble sentence={trouble} onRetry={load} />
  return (
    <>
      <h1>{t('nav.home')}</h1>
      {status === undefined ? (
        <p aria-busy="true">{t('state.busy')}</p>
      ) : (
        <ul>
          {status.upstreams.map(({ name, state }) => (
            <li key={name}>
              <bdi>{name}</bdi>: {state}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
