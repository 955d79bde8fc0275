import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';

/** How far a sign-up got under its Idempotency-Key: it makes two things, and a repeat goes on with both. */
export class SignupProgress {
  private customerId: string | undefined;
  private subscriptionId: string | undefined;

  constructor(private readonly resource: RememberedResource) {
    [this.customerId, this.subscriptionId] = resource.id?.split('/') ?? [];
  }

  get hasSubscription(): boolean {
    return this.subscriptionId !== undefined;
  }

  get customer(): RememberedResource {
    return {
      ...(this.customerId !== undefined && { id: this.customerId }),
      remember: (id) => {
        [this.customerId, this.subscriptionId] = [id, undefined];
        return this.resource.remember(id);
      },
    };
  }

  /** Of the customer that was made. */
  get subscription(): RememberedResource {
    return {
      ...(this.subscriptionId !== undefined && { id: this.subscriptionId }),
      remember: (id) => this.resource.remember(`${this.customerId}/${id}`),
    };
  }
}
