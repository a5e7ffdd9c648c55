import type { ComponentChildren } from 'preact'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

interface PageHeadProps {
  readonly title: ComponentChildren
  /** Where this page was reached from: its place, and what that is called. */
  readonly from?: { readonly place: readonly string[]; readonly name: string }
}

/** The title of a page behind another one, and the way back. */
export function PageHead({ title, from = { place: ['more'], name: t('nav.more') } }: PageHeadProps) {
  return (
    <>
      <a class="back" href={to(...from.place)}>
        <Icon name="chevron-left" />
        {from.name}
      </a>
      <h1>{title}</h1>
    </>
  )
}
