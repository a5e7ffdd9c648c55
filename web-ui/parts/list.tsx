import type { ComponentChildren } from 'preact'
import { Icon } from './icon.tsx'

interface ListProps<Item> {
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  readonly children: (item: Item) => ComponentChildren
  /** What stands there where nothing does. */
  readonly empty: ComponentChildren
  readonly label?: string
}

export function List<Item>({ items, keyOf, children, empty, label }: ListProps<Item>) {
  if (items.length === 0) return <p class="empty">{empty}</p>
  return (
    <ul class="rows" aria-label={label}>
      {items.map((item) => (
        <li key={keyOf(item)}>{children(item)}</li>
      ))}
    </ul>
  )
}

/** A row that leads somewhere, over its whole width. `aside`: a state word or a time. */
export function RowLink({
  href,
  children,
  aside,
}: {
  readonly href: string
  readonly children: ComponentChildren
  readonly aside?: ComponentChildren
}) {
  return (
    <a class="row" href={href}>
      <span class="row-text">{children}</span>
      {aside !== undefined && <span class="row-aside">{aside}</span>}
      <Icon name="chevron-right" />
    </a>
  )
}
