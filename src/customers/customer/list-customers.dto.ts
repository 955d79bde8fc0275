import { IsOptional } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import { PlainText } from '../../http/validation/text.rules.js';

export class ListCustomersDto extends PageDto {
  /** This address, in whatever case. */
  @IsOptional()
  @PlainText({ max: 254 })
  email?: string;
}
