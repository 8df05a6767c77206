// Where the pages keep what the journeys touch. Only this file knows; the pages promise the data-testid names.

export const number = {
  form: 'form[data-testid=number-form]',
  msisdn: 'form[data-testid=number-form] input[name=msisdn]',
  submit: 'form[data-testid=number-form] button',
  problem: '[data-testid=error-summary]',
}

export const offers = {
  form: 'form[data-testid=offer-form]',
  each: '[data-testid=offer]',
  // What takes the focus: the offer itself, or the radio or button inside it.
  control: '[data-testid=offer]:is(input, button), [data-testid=offer] :is(input, button)',
  submit: 'form[data-testid=offer-form] button:not([data-testid=offer], [data-testid=offer] *)',
}

export const review = {
  lines: '[data-testid=price-lines]',
  total: '[data-testid=total]',
  form: 'form[data-testid=pay-form]',
  email: 'form[data-testid=pay-form] input[name=email]',
  submit: 'form[data-testid=pay-form] button[type=submit]',
}

export const byPaypal = '[data-testid=pay-paypal]'

// The simulator's PayPal page.
export const wallet = {
  address: 'input#address',
  approve: 'form:has(input#address) button.main',
  cancel: 'a.cancel',
}

// The simulator's payment page.
export const payment = {
  cardNumber: 'input#number',
  submit: 'form:has(input#number) button.main',
  cancel: 'a.cancel',
  approve: 'button[name=decision][value=approve]',
  refusal: '[role=alert]',
}

export const order = {
  state: '[data-testid=state]',
  moneySentence: '[data-testid=money-sentence]',
  cancel: 'form[data-testid=cancel-form] button',
  receiptLink: '[data-testid=receipt-link]',
  proofForm: 'form[data-testid=order-proof]',
  proof: 'form[data-testid=order-proof] input[name=proof]',
  proofWrong: 'form[data-testid=order-proof] #proof-error',
  proofSubmit: 'form[data-testid=order-proof] button',
}

export const languageMenu = '[data-testid=lang-menu]'
export const language = (locale) => `[data-testid=lang-${locale}]`

export const api = { reference: 'rapi-doc' }
