import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { place, setQuery } from '../router.ts'

interface Tab {
  /** Stands in the place as `?tab=`: a tab can be linked to. */
  readonly id: string
  readonly label: string
  readonly content: () => ComponentChildren
}

/** Tabs within a page, by the pattern of the ARIA guide: arrow keys go from one to the next. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const id = useId()
  const wanted = place.value.query.get('tab')
  const chosen = tabs.find((tab) => tab.id === wanted) ?? tabs[0]
  if (chosen === undefined) return null
  return (
    <>
      <div class="page-tabs" role="tablist" aria-label={label} onKeyDown={moveFocus}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => setQuery('tab', tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen.id}`} key={chosen.id}>
        {chosen.content()}
      </div>
    </>
  )
}

function moveFocus(event: KeyboardEvent): void {
  const list = event.currentTarget
  if (!(list instanceof HTMLElement)) return
  const buttons = [...list.querySelectorAll<HTMLElement>('[role=tab]')]
  const here = buttons.findIndex((each) => each.matches(':focus'))
  const next = buttons.at(nextIndex(event.key, here, buttons.length))
  if (here < 0 || next === buttons[here]) return
  event.preventDefault()
  next?.focus()
  next?.click()
}

/** Towards the end of the line with the arrow that points there, whichever way the language runs. */
function nextIndex(key: string, here: number, count: number): number {
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
  const backward = document.documentElement.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft'
  if (key === forward) return (here + 1) % count
  if (key === backward) return (here - 1 + count) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : here
}
