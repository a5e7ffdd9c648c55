/**
 * What the box, a service or a device said in English, as it was said: marked, so that a screen reader speaks it right
 * and a page from right to left keeps it in order. Never markup.
 */
export const Said = ({ text }: { readonly text: string }) => (
  <bdi lang="en" class="said">
    {text}
  </bdi>
)
