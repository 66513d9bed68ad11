// Hashes that others made, by password. The commands (Debian 12: perl 5.36 with libxcrypt 4.4.33, openssl 3.0.19):
//   perl -e 'print crypt("open sesame", "\$6\$saltstring\$")'                       bcrypt, $1$, $5$, $6$
//   printf %s 'open sesame' | openssl passwd -apr1 -salt saltsalt -stdin             $apr1$
//   printf %s 'open sesame' | openssl dgst -sha1 -binary | base64                    {SHA}
//   (printf %s 'open sesamesalt' | openssl dgst -sha1 -binary; printf salt) | base64 {SSHA}

export interface HashVector {
  readonly password: string;
  readonly hashes: readonly string[];
}

export const hashVectors: readonly HashVector[] = [
  {
    password: 'open sesame',
    hashes: [
      '$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW',
      '$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy',
      '$2a$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy',
      '$1$saltsalt$Yo6tRKYGO/jWyb1etwHDS/',
      '$5$saltstring$sOFRiuqOzKEQCZAIFmMrCbPuMEMUPOi/BmBpBwWMgW3',
      '$5$rounds=2000$longsaltlongsalt$mzVmqY/ODCS0DBTDQRrN4FZORHW96WZdxnZvUSmdIX.',
      '$6$saltstring$b4SOQO.YI.BXjgbKQa.97c9EQud0NW8Txr5rCRGsAucjEsL95TW5MDF/7KcC3bcG5NoxZbmB6Lh82fxg8soAZ0',
      '$6$rounds=1400$a$nYQPne36zZfcfAOuy4daon3xlWR.F.GtRodzHPiFsuQnAFjm9W.jwxIonc3N.lDIu7zF.8iWWgexcdNxr59Ph/',
      '$apr1$saltsalt$HIDXe7D36X22w1CH4M1cQ.',
      '{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=',
      '{SSHA}hN5uxFJUEWCPg56kk42tnVCdJ61zYWx0',
    ],
  },
  {
    password: 'x',
    hashes: [
      '$2y$05$abcdefghijklmnopqrstuuhKF09ZYWwH2zP/0fwE1X8e/Q1YNx/hO',
      '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e',
      '$2a$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e',
      '$1$saltsalt$4px9i58NU2Z2/vZOUlGjq.',
      '$5$saltstring$8lNOPUYH/6hNVwI72WGU4WW1KQqblnIzRCd9nWOKs5A',
      '$5$rounds=2000$longsaltlongsalt$haPJ2LDmDwUPmKqIajHb2UiuuMj9LBK9j9xBBgC1TZB',
      '$6$saltstring$nk7Qohr7tOmwY2mX639VRP.Lyvj3uhcgpatqHuLC867qfSHKq1LDuKa/h7Es9Nv0aL08pbF.cnQlRqhaoKT/D.',
      '$6$rounds=1400$a$SxVjdZjkqlC/tsx/jQtH6Xyfb/WMJhCt7uDdLwCyqBEdmhRBnhGzPAXtMYC52TxoWhD0hGK1Sgxf4RE.IoURx/',
      '$apr1$saltsalt$Q17bmANhIA7pctgRGqF/S0',
      '{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=',
      '{SSHA}cyy1DSsp8htHWuMRIU8YoBan9yBzYWx0',
    ],
  },
  {
    password: 'pässwört €',
    hashes: [
      '$2y$05$abcdefghijklmnopqrstuuUX.QCOUXBjl7JabDuNdA38yR2urPex6',
      '$2b$04$abcdefghijklmnopqrstuuLZ7.oQRImUxF28HLEHJOgUIP5LSmY32',
      '$2a$04$abcdefghijklmnopqrstuuLZ7.oQRImUxF28HLEHJOgUIP5LSmY32',
      '$1$saltsalt$dOLLWb2Bs8WmMxyp8Nip6.',
      '$5$saltstring$YJllJ2RghNLgZMX/yx.2yE7qbrVzodHIHiOFMNMq8YC',
      '$5$rounds=2000$longsaltlongsalt$zM2tUoY6Md0oT6kmWxFtTo.HpY4IhEBQuQB3TF9.5gA',
      '$6$saltstring$fAV093/E6TICTA7chm3uXZDBoOwng00nqlxf9jPXHE0j7KqkWAA/fXp/zwF76O/wUc4qoA/CSLdHFisNuSgsX/',
      '$6$rounds=1400$a$m1Tz0pTpQ3kY4slk3C7.oXayJjvg9Hm0n1jnQSps0B5Wb5mGFuwwgcQFQx4SxXytFx7CqbXdaF0gz6PLUZMzk/',
      '$apr1$saltsalt$pXk3wjwZbFXlCixM4eGZe1',
      '{SHA}jg+V67AWL8I8OwKKq7SexEeTxAA=',
      '{SSHA}jX+H7CfH22d7pxcm0AxgvEUYJ6pzYWx0',
    ],
  },
  {
    password: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-and-longer-than-72-bytes',
    hashes: [
      '$2y$05$abcdefghijklmnopqrstuujMlUBEoPxhvSS3pNTfVBWwXykX5CHaO',
      '$2b$04$abcdefghijklmnopqrstuuaKD1XGhh0bjpSF2QUX/o.MoYhbQqwMW',
      '$2a$04$abcdefghijklmnopqrstuuaKD1XGhh0bjpSF2QUX/o.MoYhbQqwMW',
      '$1$saltsalt$n65dFbOWUmHJkdC9zgdmL.',
      '$5$saltstring$AJXpQ8OIwpraWKelDHyy67C.NUCYEZz.0RwSLtsKQz6',
      '$5$rounds=2000$longsaltlongsalt$O7hheBpgQ9jIogyjzqZM3Vq5CI84hR5z7UZYxBQMtM.',
      '$6$saltstring$UanAgZiDpbElpDoVLtGruv9LgflJ1fXfufLihTcZFfrh3JZYjdlfxaAkUfChCpws.QyA.c.WMdvnDYR.Qeyc5/',
      '$6$rounds=1400$a$/dVgj1v2UUVb6Vdlcdx6g6LN0frtXGE0XNPeTuazCjCAaelFJLtZGALOFas1ngjn7oq3VLMi.KmWvEyqEve1z0',
      '$apr1$saltsalt$9o.XfARE4aqC9bswqPsbi/',
      '{SHA}TrdkgH8vSrATWxhZWRRHstsy5ZU=',
      '{SSHA}EnMFAtbjJpcMdGFzIftv6rVPNR5zYWx0',
    ],
  },
];
