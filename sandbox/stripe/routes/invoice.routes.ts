import { addInvoiceItem, draftByHand } from '../moves/invoice.draft.js';
import { forgiveInvoice, payByRecord, payInvoice, releaseInvoice } from '../moves/invoice.direct.js';
import {
  invoiceAttach,
  invoiceCreate,
  invoiceFinalize,
  invoiceItemCreate,
  invoiceLines,
  invoiceList,
  invoicePay,
  invoicePaymentList,
  invoiceUpdate,
} from '../params/invoice.params.js';
import { justExpand } from '../params/money.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PATH = '/v1/invoices';
const PAYMENTS = '/v1/invoice_payments';

export const invoiceRoutes = [
  route('GET', PATH, invoiceList, (world, { params }) => {
    const invoices = newestFirst(world.billing.invoices.values())
      .filter((record) => !params.subscription || record.subscriptionId === params.subscription)
      .map(({ invoice }) => invoice)
      .filter((invoice) => isWithin(invoice.created, params.created))
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter(({ status }) => params.status === undefined || status === params.status)
      .filter(() => params.due_date === undefined);
    return pageOf(invoices, params, PATH);
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) => world.billing.invoice(id).invoice),

  route('GET', `${PATH}/:id/lines`, invoiceLines, (world, { id, params }) =>
    pageOf(world.billing.invoice(id).lines, params, `${PATH}/${id}/lines`),
  ),

  route('POST', PATH, invoiceCreate, (world, { params }) => {
    const owner = world.billing.subscription(params.subscription, 'subscription');
    return draftByHand(world, owner).invoice;
  }),

  route('POST', '/v1/invoiceitems', invoiceItemCreate, (world, { params }) => addInvoiceItem(world, params)),

  route('POST', `${PATH}/:id`, invoiceUpdate, (world, { id, params }) => {
    const { invoice } = world.billing.invoice(id);
    const previous = { metadata: invoice.metadata, description: invoice.description };
    invoice.metadata = mergedMetadata(invoice.metadata ?? {}, params.metadata);
    invoice.auto_advance = params.auto_advance ?? invoice.auto_advance;
    if (params.description !== undefined) invoice.description = params.description || null;
    world.log.emit('invoice.updated', invoice, previous);
    return invoice;
  }),

  route('POST', `${PATH}/:id/pay`, invoicePay, (world, { id, params }) =>
    payInvoice(world, world.billing.invoice(id), params),
  ),

  route('POST', `${PATH}/:id/attach_payment`, invoiceAttach, (world, { id, params }) =>
    payByRecord(world, world.billing.invoice(id), params),
  ),

  route('POST', `${PATH}/:id/finalize`, invoiceFinalize, (world, { id, params }) =>
    releaseInvoice(world, world.billing.invoice(id), params.auto_advance),
  ),

  route('POST', `${PATH}/:id/void`, justExpand, (world, { id }) =>
    forgiveInvoice(world, world.billing.invoice(id), 'void'),
  ),

  route('POST', `${PATH}/:id/mark_uncollectible`, justExpand, (world, { id }) =>
    forgiveInvoice(world, world.billing.invoice(id), 'uncollectible'),
  ),
];

export const invoicePaymentRoutes = [
  route('GET', PAYMENTS, invoicePaymentList, (world, { params }) => {
    const intent = params.payment?.payment_intent;
    const payments = newestFirst(world.billing.invoicePayments.values())
      .filter((payment) => isWithin(payment.created, params.created))
      .filter(({ invoice }) => params.invoice === undefined || invoice === params.invoice)
      .filter(({ status }) => params.status === undefined || status === params.status)
      .filter(({ payment }) => intent === undefined || payment.payment_intent === intent);
    return pageOf(payments, params, PAYMENTS);
  }),

  route('GET', `${PAYMENTS}/:id`, justExpand, (world, { id }) => world.billing.invoicePayment(id)),
];
