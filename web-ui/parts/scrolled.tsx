interface ScrolledProps {
  readonly label: string
  readonly text: string
}

/** A text with its own line breaks, in a window of its own: reached by keyboard, because it scrolls (WCAG 2.1.1). */
export function Scrolled({ label, text }: ScrolledProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="paper" aria-label={label} tabIndex={0} dir="ltr">
      <pre>{text}</pre>
    </section>
  )
}
