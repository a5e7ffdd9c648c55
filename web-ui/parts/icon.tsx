import {
  Activity,
  Check,
  ChevronRight,
  CircleAlert,
  CircleCheck,
  CircleHelp,
  CirclePause,
  Clock,
  Eye,
  EyeOff,
  House,
  type IconNode,
  Inbox,
  Info,
  Mails,
  Menu,
  Plus,
  Printer,
  Search,
  TriangleAlert,
  Undo2,
  X,
} from 'lucide'
import { h } from 'preact'

const icons = {
  activity: Activity,
  check: Check,
  'chevron-right': ChevronRight,
  'circle-alert': CircleAlert,
  'circle-check': CircleCheck,
  'circle-help': CircleHelp,
  'circle-pause': CirclePause,
  clock: Clock,
  eye: Eye,
  'eye-off': EyeOff,
  house: House,
  inbox: Inbox,
  info: Info,
  mails: Mails,
  menu: Menu,
  plus: Plus,
  printer: Printer,
  search: Search,
  'triangle-alert': TriangleAlert,
  undo: Undo2,
  x: X,
} as const satisfies Readonly<Record<string, IconNode>>

export type IconName = keyof typeof icons

/** Beside words, never in their place: a screen reader does not tell it. Turned around where the language runs so. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      class={name === 'chevron-right' || name === 'undo' ? 'icon directed' : 'icon'}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      {icons[name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  )
}
