import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { watchReach } from '../reach.ts'
import { DoorBanners } from './banners.tsx'
import { LanguageChoice } from './language-choice.tsx'

/** What stands before the console: claiming, signing in, a day pass. */
export function Door({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  useEffect(watchReach, [])
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <>
      <DoorBanners />
      <main class="door">
        <h1>{title}</h1>
        {children}
        <LanguageChoice />
      </main>
    </>
  )
}
