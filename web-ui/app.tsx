import { useEffect, useState } from 'preact/hooks'
import { refreshStanding, standing } from './box.ts'
import { pages } from './pages/pages.ts'
import { Frame } from './parts/frame.tsx'
import { Lazy, type LoadPage } from './parts/lazy.tsx'
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
  const [first = 'home', second] = place.value.parts
  if (now.kind === 'unclaimed') return <Lazy key="claim" load={pages.claim} />
  // Whoever is signed in here: the pass is somebody else's.
  if (first === 'pass') return <Lazy key="pass" load={pages.pass} />
  if (now.kind === 'signed-out') return <Lazy key="sign-in" load={pages.signIn} />
  const page = pageOf(first, second)
  return (
    <Frame>
      <Lazy key={page} load={page} />
    </Frame>
  )
}

function pageOf(first: string, second: string | undefined): LoadPage {
  if (first === 'devices' && second !== undefined) return pages.device
  return (Object.hasOwn(pages.signedIn, first) && pages.signedIn[first]) || pages.nowhere
}
