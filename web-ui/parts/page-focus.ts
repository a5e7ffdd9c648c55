import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { place } from '../router.ts'

/**
 * What a browser does at each load of a page, and a page that is never loaded anew has to do itself: the keys begin at its
 * beginning, and its title is its heading (WCAG 2.4.2). What had the focus may go away without a new page, too: a button
 * that did its work. Then the focus is where it stood, not at the top.
 */
export function usePageFocus(main: RefObject<HTMLElement | null>, box: string): void {
  const path = place.value.parts.join('/')
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current !== path) main.current?.focus()
    shown.current = path
  }, [path])
  useEffect(() => (main.current === null ? undefined : keepFocus(main.current)), [])
  useEffect(() => (main.current === null ? undefined : keepTitle(main.current, box)), [box])
}

function keepTitle(main: HTMLElement, box: string): () => void {
  const tell = () => {
    const heading = main.querySelector('h1')?.textContent ?? ''
    document.title = [heading, box].filter((part) => part !== '').join(' · ')
  }
  tell()
  return watch(main, tell)
}

function keepFocus(main: HTMLElement): () => void {
  let around: readonly HTMLElement[] = []
  const remember = ({ target }: FocusEvent) => {
    around = target instanceof HTMLElement ? ancestors(target, main) : []
  }
  main.addEventListener('focusin', remember)
  const stop = watch(main, () => {
    const [focused, ...outer] = around
    if (focused === undefined || focused.isConnected || document.activeElement !== document.body) return
    const next = outer.find((element) => element.isConnected) ?? main
    next.tabIndex = -1
    next.focus({ preventScroll: true })
  })
  return () => {
    main.removeEventListener('focusin', remember)
    stop()
  }
}

/** Itself first, `end` last. */
function ancestors(element: HTMLElement, end: HTMLElement): readonly HTMLElement[] {
  const { parentElement } = element
  return element === end || parentElement === null ? [element] : [element, ...ancestors(parentElement, end)]
}

function watch(main: HTMLElement, act: () => void): () => void {
  const observer = new MutationObserver(act)
  observer.observe(main, { childList: true, subtree: true, characterData: true })
  return () => observer.disconnect()
}
