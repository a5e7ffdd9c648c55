import { useEffect, useState } from 'preact/hooks'
import { boxNow } from '../clock.ts'
import type { Journey } from './live-journey.ts'
import { hasFailed, standsAt } from './live-steps.ts'
import { spokenWords } from './live-words.ts'

/** One short for a step, long short long for what went wrong: told apart in a pocket. */
const stepMs = 60
const troubleMs = [300, 100, 300]

/**
 * What is said to a screen reader of the session that is watched; the phone in the hand says it too, for who looks at the
 * panel. What happened before the page was opened is not said.
 */
export function useAnnouncement(now: Journey | undefined): string {
  const standing = now && `${now.session} ${standsAt(now)?.step} ${standsAt(now)?.state} ${now.mails}`
  const [openedAt] = useState(boxNow)
  const isNews = now !== undefined && now.lastAt >= openedAt
  useEffect(() => {
    if (!isNews || typeof navigator.vibrate !== 'function') return
    navigator.vibrate(hasFailed(now) ? troubleMs : stepMs)
  }, [standing])
  return isNews ? spokenWords(now) : ''
}
