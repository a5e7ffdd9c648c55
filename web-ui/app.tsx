import { useEffect, useState } from 'preact/hooks'
import { refreshStanding, standing } from './box.ts'
import { pages } from './pages/pages.ts'
import { Frame } from './parts/frame.tsx'
import { Lazy } from './parts/lazy.tsx'
import { Trouble } from './parts/trouble.tsx'
import { place } from './router.ts'

/** What is shown: the page of the place, or the door in front of it. */
export function App() {
  const [trouble, setTrouble] = useState('')
  const load = async () => {
    const answer = await refreshStanding()
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
  }
  useEffect(() => void load(), [])
  const now = standing.value
  if (trouble !== '' && now === undefined)
    return (
      <main class="door">
        <Trouble sentence={trouble} onRetry={load} />
      </main>
    )
  if (now === undefined) return null
  const [first = 'home'] = place.value.parts
  if (now.kind === 'unclaimed') return <Lazy key="claim" load={pages.claim} />
  // Whoever is signed in here: the pass is somebody else's.
  if (first === 'pass') return <Lazy key="pass" load={pages.pass} />
  if (now.kind === 'signed-out') return <Lazy key="sign-in" load={pages.signIn} />
  const page = Object.hasOwn(pages.signedIn, first) ? pages.signedIn[first] : undefined
  return (
    <Frame>{page ? <Lazy key={first} load={page} /> : <Lazy key="nowhere" load={pages.nowhere} />}</Frame>
  )
}
