/** The pages of which `make screenshots` takes a picture, each with the name of its file. */
export const places: readonly { readonly file: string; readonly place: string }[] = [
  { file: 'home', place: 'home' },
  { file: 'wizard-box', place: 'wizard/box' },
  { file: 'wizard-question', place: 'wizard/way-out/choose' },
  { file: 'wizard-advice', place: 'wizard/way-out/choose?answers=yes.no.no.yes.no.yes.no.medium.few' },
  { file: 'wizard-way-out', place: 'wizard/way-out/smarthost' },
  { file: 'wizard-test', place: 'wizard/test' },
  { file: 'wizard-device', place: 'wizard/device' },
  { file: 'more', place: 'more' },
]
