import { IsOptional } from 'class-validator';
import { PageDto } from '../../http/paging/page.dto.js';
import { PlainText } from '../../http/validation/plain-text.rule.js';

export class ListCustomersDto extends PageDto {
  /** This address, in whatever case. */
  @IsOptional()
  @PlainText({ max: 254 })
  email?: string;
}
