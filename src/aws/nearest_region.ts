/** The region that was probably meant: corrects a typing error, half a name, a zone or a place. */

import { closest } from "../argv/spelling.ts";
import { PARTITIONS } from "./partitions.ts";

/** The console's names. */
const PLACES: Readonly<Record<string, string>> = {
  "virginia": "us-east-1",
  "ohio": "us-east-2",
  "california": "us-west-1",
  "oregon": "us-west-2",
  "cape town": "af-south-1",
  "hong kong": "ap-east-1",
  "taipei": "ap-east-2",
  "tokyo": "ap-northeast-1",
  "seoul": "ap-northeast-2",
  "osaka": "ap-northeast-3",
  "mumbai": "ap-south-1",
  "hyderabad": "ap-south-2",
  "singapore": "ap-southeast-1",
  "sydney": "ap-southeast-2",
  "jakarta": "ap-southeast-3",
  "melbourne": "ap-southeast-4",
  "malaysia": "ap-southeast-5",
  "new zealand": "ap-southeast-6",
  "thailand": "ap-southeast-7",
  "canada": "ca-central-1",
  "montreal": "ca-central-1",
  "calgary": "ca-west-1",
  "frankfurt": "eu-central-1",
  "zurich": "eu-central-2",
  "stockholm": "eu-north-1",
  "milan": "eu-south-1",
  "spain": "eu-south-2",
  "ireland": "eu-west-1",
  "london": "eu-west-2",
  "paris": "eu-west-3",
  "tel aviv": "il-central-1",
  "uae": "me-central-1",
  "bahrain": "me-south-1",
  "mexico": "mx-central-1",
  "sao paulo": "sa-east-1",
  "beijing": "cn-north-1",
  "ningxia": "cn-northwest-1",
};

/** Undefined when nothing is near. */
export function nearestRegion(text: string): string | undefined {
  const regions = PARTITIONS.flatMap((partition) => partition.regions);
  const word = text.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "").replace(/[\s_.]+/g, "-");
  const spaced = word.replaceAll("-", " ");
  const place = Object.keys(PLACES).find((name) => spaced.includes(name));
  return (place === undefined ? undefined : PLACES[place]) ??
    // A zone (us-east-1a), or a name without its number.
    regions.find((region) => word.startsWith(region) || region === word.replace(/-?(\d)$/, "-$1")) ??
    regions.find((region) => word.length >= 4 && region.startsWith(`${word.replace(/-+$/, "")}-`)) ??
    closest(word, regions);
}
