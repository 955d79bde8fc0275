import type { Texts } from './texts.js';

export const TEXTS_ES: Texts = {
  outcomes: {
    paid: { title: 'Pago recibido', text: 'Gracias. Tu pago está completo.' },
    partly_refunded: {
      title: 'Pago reembolsado en parte',
      text: 'Tu pago está completo y se te devolvió una parte.',
    },
    refunded: { title: 'Pago reembolsado', text: 'Se te devolvió el importe completo de tu pago.' },
    waiting: {
      title: 'Esperando la confirmación',
      text: 'Estamos esperando la confirmación de tu pago. Suele tardar unos segundos. Por favor, no pagues otra vez.',
    },
    pending: {
      title: 'Esperando tu pago',
      text: 'Paga con la ficha o con los datos de transferencia que recibiste. Lo sabremos en cuanto llegue el dinero.',
    },
    authorized: {
      title: 'Pago aprobado',
      text: 'Tu pago fue aprobado y se cobrará cuando se confirme tu pedido. Todavía no se ha cobrado nada.',
    },
    failed: {
      title: 'El pago falló',
      text: 'El pago no se pudo realizar. Puedes volver a la tienda e intentarlo de nuevo.',
    },
    expired: {
      title: 'El pago venció',
      text: 'El plazo para pagar terminó y no recibimos ningún pago. Puedes volver a la tienda y empezar de nuevo.',
    },
    canceled: {
      title: 'Pago cancelado',
      text: 'Este pago fue cancelado. Puedes volver a la tienda y empezar de nuevo.',
    },
    review: {
      title: 'Estamos revisando tu pago',
      text: 'Una persona tiene que revisar tu pago. Por favor, no pagues otra vez: la tienda se pondrá en contacto contigo.',
    },
    open: { title: 'Todavía sin pagar', text: 'Hasta ahora no hemos recibido este pago.' },
    not_completed: {
      title: 'Pago sin completar',
      text: 'Saliste de la página de pago. Hasta ahora no hemos recibido ningún pago.',
    },
    returned: {
      title: 'Gracias',
      text: 'Si completaste tu pago, la tienda confirmará tu pedido en un momento.',
    },
    left: {
      title: 'Pago sin completar',
      text: 'Saliste de la página de pago. Puedes volver a la tienda e intentarlo de nuevo.',
    },
  },
  notFound: {
    title: 'Página no encontrada',
    text: 'No existe ese pago. Por favor, revisa el enlace que recibiste.',
  },
  unavailable: {
    title: 'Inténtalo de nuevo en un momento',
    text: 'Ahora no podemos mostrar tu pago. Esto no dice nada sobre el pago mismo: por favor, no pagues otra vez.',
  },
  links: {
    viewReceipt: 'Ver el recibo',
    continuePaying: 'Continuar con el pago',
    checkAgain: 'Consultar de nuevo',
  },
  receipt: {
    title: 'Recibo',
    order: 'Pedido',
    payment: 'Pago',
    paidOn: 'Pagado el',
    startedOn: 'Iniciado el',
    method: 'Forma de pago',
    status: 'Estado',
    refunded: 'Reembolsado',
    items: 'Artículos',
    item: 'Artículo',
    quantity: 'Cant.',
    unitPrice: 'Precio',
    lineTotal: 'Importe',
    total: 'Total',
    paid: 'Pagado',
    notPaid: 'Esto no es un recibo: el pago no está confirmado.',
    keepId: 'Ten a mano el número de pago si te comunicas con la tienda.',
  },
  methods: {
    card: 'Tarjeta',
    cash: 'Ficha de pago en efectivo',
    bank_transfer: 'Transferencia bancaria',
    bnpl: 'Compra ahora, paga después',
    pay_by_bank: 'Pago desde tu banco',
    apple: 'Apple Pay',
    google: 'Google Pay',
  },
  clabe: 'CLABE',
  reference: 'Referencia',
  cardEnding: 'terminación',
  testMode: 'Pago de prueba: no se mueve dinero real.',
  refreshes: 'Esta página se actualiza sola.',
};
