const { Decimal } = globalThis

const cents = (amount) => amount.toFixed(2).padStart(8)

globalThis.render = (invoices) =>
  invoices
    .map(({ number, customer, vat, lines }) => {
      const net = lines
        .map(({ quantity, price }) => new Decimal(quantity).times(price))
        .reduce((sum, amount) => sum.plus(amount))
        .toDecimalPlaces(2)
      const tax = net.times(vat).toDecimalPlaces(2)
      const total = `net ${cents(net)}   VAT ${cents(tax)}   total ${cents(net.plus(tax))}`
      return `${number}   ${customer.padEnd(22)}${total}`
    })
    .join('\n')
